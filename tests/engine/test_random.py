"""Random numbers by name."""

import torch
from ecglens.engine import generator, noise_field, sample_ids
from scipy import stats


def test_a_record_gets_the_same_noise_in_any_company_and_order() -> None:
    shape = (2, 50)
    together = noise_field(3, ["a", "b", "c"], 0, shape)
    turned = noise_field(3, ["c", "a"], 0, shape)
    assert torch.equal(turned, together[[2, 0]])


def test_seed_record_and_draw_each_give_other_noise() -> None:
    fields = [
        noise_field(seed, [record], draw, (2, 50))
        for seed, record, draw in [(0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1)]
    ]
    for index, one in enumerate(fields):
        assert not any(torch.equal(one, other) for other in fields[index + 1 :])


def test_names_are_not_run_together() -> None:
    first, second = generator(0, "a", "bc"), generator(0, "ab", "c")
    assert first.initial_seed() != second.initial_seed()


def test_noise_is_standard_normal() -> None:
    values = noise_field(0, ["a"], 0, (12, 600)).flatten().numpy()
    assert stats.kstest(values, "norm").pvalue > 0.01


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    noise_field(0, ["a"], 0, (2, 50))
    assert torch.equal(torch.get_rng_state(), before)


def test_equal_samples_have_equal_names_whatever_their_layout() -> None:
    x = torch.randn(3, 12, 600)
    transposed = x.transpose(1, 2).contiguous().transpose(1, 2)
    assert sample_ids(x) == sample_ids(transposed)
    assert len(set(sample_ids(x))) == 3

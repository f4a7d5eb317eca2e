import torch
from ecglens.engine import generator, noise_field, sample_ids


def test_a_records_noise_does_not_depend_on_its_batch():
    together = noise_field(0, ["a", "b", "c"], 1, (12, 600))
    alone = noise_field(0, ["b"], 1, (12, 600))
    assert torch.equal(together[1], alone[0])


def test_seed_record_and_draw_each_change_the_noise():
    fields = [
        noise_field(seed, [record], draw, (2, 50))
        for seed, record, draw in [(0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1)]
    ]
    for i, one in enumerate(fields):
        for other in fields[:i]:
            assert not torch.allclose(one, other)


def test_names_do_not_run_into_each_other():
    one = generator(0, "ab", "c").initial_seed()
    other = generator(0, "a", "bc").initial_seed()
    assert one != other


def test_the_noise_is_standard_normal():
    field = noise_field(3, [str(i) for i in range(20)], 0, (12, 600))
    # 144 000 draws: the mean's standard error is 0.0026 and that of the SD 0.0019.
    assert abs(float(field.mean())) < 0.011
    assert abs(float(field.std()) - 1) < 0.008


def test_sample_ids_name_an_ecg_by_its_samples():
    x = torch.randn(3, 12, 100)
    ids = sample_ids(x)
    assert len(set(ids)) == 3
    assert sample_ids(x[1:2]) == (ids[1],)
    assert sample_ids(x.double().float()) == ids

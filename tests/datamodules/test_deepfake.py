"""The generated ECGs: the wheel's own network, its unit, and what each of them depends on."""

import warnings
from pathlib import Path

import deepfakeecg
import numpy as np
import pytest
import torch
from ecglens.datamodules import open_records
from ecglens.datamodules.readers import deepfake
from ecglens.datamodules.readers.deepfake import BLOCK, Deepfake, made
from ecglens.ecg import LEADS


def test_an_ecg_is_the_same_whatever_is_made_with_it() -> None:
    few = list(open_records("deepfake", n=3))
    many = list(open_records("deepfake", n=BLOCK + 2))
    alone = list(Deepfake(n=1000).read(BLOCK + 1, BLOCK + 2))
    assert [record.id for record in few] == [f"deepfake-0-00000{k}" for k in range(3)]
    for one, other in zip(few, many, strict=False):
        assert np.array_equal(one.signal, other.signal)
    assert alone[0].id == many[-1].id
    assert np.array_equal(alone[0].signal, many[-1].signal)
    assert len({record.signal.tobytes() for record in many}) == len(many)


def test_these_numbers_change_only_with_the_reader_s_version() -> None:
    v5 = [-58, -102, -119, 48, -16, -62, -67, 42, -28, -58, -90, 65]
    assert Deepfake.version == 1
    # Another machine may round one sample in 10 000 to the next whole µV.
    assert made(0, 0)[0, 6, 600:1800:100] == pytest.approx(v5, abs=1)
    assert made(0, 1)[31, 1, :3000:500] == pytest.approx([267, 207, 98, 188, 267, 175], abs=1)


def test_another_seed_makes_other_ecgs() -> None:
    assert not np.array_equal(made(0, 0), made(1, 0))


def test_the_number_of_threads_changes_nothing() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        several = made(3, 1)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(several, made(3, 1))


def test_the_random_state_of_the_caller_is_left_alone() -> None:
    deepfake.wheel_weights.cache_clear()
    before = torch.get_rng_state()
    made(0, 0)
    assert torch.equal(before, torch.get_rng_state())


@pytest.fixture
def wheel() -> torch.nn.Module:
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # nn.init.kaiming_normal, its old name
        net = deepfakeecg.Generator()
    checkpoint = Path(deepfakeecg.__file__).parent / "checkpoints" / "g_stat.pt"
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)["stat_dict"]
    net.load_state_dict(state, assign=True)
    return net.eval()


def test_it_is_the_wheels_own_network_and_unit(wheel: torch.nn.Module) -> None:
    """The wheel's generate() writes (6000 · network(noise)).int()."""
    noise = torch.rand(2, 8, 5000, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        ours = deepfake.generate(noise, deepfake.wheel_weights())
        theirs = (6000 * wheel(noise)).int()
    difference = (ours - theirs).abs()
    assert difference.max() <= 1
    assert (difference > 0).float().mean() < 1e-3


def test_waves_are_of_human_size_in_microvolts() -> None:
    r_uv = made(0, 0)[:, 6].max(1)  # V5
    assert 800 < np.median(r_uv) < 1800


def test_twelve_leads_obey_einthoven_exactly() -> None:
    signal = next(iter(open_records("deepfake", n=1))).signal
    lead = dict(zip(LEADS, signal, strict=True))
    assert np.array_equal(lead["III"], lead["II"] - lead["I"])
    assert np.array_equal(lead["aVF"], lead["II"] - lead["I"] / 2)


@pytest.mark.parametrize(("outputs", "factor"), [(10, 5), (50, 2)])
def test_a_folded_kernel_does_the_same_before_upsampling(outputs: int, factor: int) -> None:
    random = torch.Generator().manual_seed(1)
    kernel = torch.randn(3, 2, 25, generator=random, dtype=torch.float64)
    x = torch.randn(4, 2, outputs // factor, generator=random, dtype=torch.float64)
    slow = torch.nn.functional.conv1d(x.repeat_interleave(factor, 2), kernel, padding=12)
    few = deepfake.folded(kernel, factor)
    phases = torch.nn.functional.conv1d(x, few, padding=few.shape[-1] // 2)
    fast = phases.unflatten(1, (3, factor)).transpose(2, 3).flatten(2)
    assert torch.allclose(fast, slow, atol=1e-12)
    assert few.shape[-1] < kernel.shape[-1]

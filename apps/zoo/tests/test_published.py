"""Networks with the names, sizes and outputs of their authors' code.

Names, shapes and outputs were computed by that code, with the weights and ECGs of `filled`:
antonior92/ecg-age-prediction@f192e49, helme/ecg_ptbxl_benchmarking@cdbf4e6 (fastai's bn_drop_lin by
hand), PKUDigitalHealth/ECGFounder@04edac7, bakqui/ST-MEM@69ec702, DeepPSP/torch_ecg@b10c415.
"""

import re
from collections.abc import Callable
from pathlib import Path

import ecglens_zoo
import pytest
import pytorch_lightning as pl
import torch
from ecglens.ecg import draw_exact, exact_record
from ecglens.models import InUnits, Regression, layers, randomised
from ecglens_zoo import (
    AgeResNet,
    Crnn,
    Inception,
    InceptionTime,
    Net1d,
    RibeiroResNet,
    StMem,
    XResNet1d101,
)
from torch import nn
from torch.utils.data import DataLoader

from tests.models.filled import ecgs, fill
from tests.models.test_regression import Ecgs

CONF = Path(ecglens_zoo.__file__).parent / "conf"
NAMES = Path(__file__).parents[3] / "tests" / "data" / "networks" / "names"

Make = Callable[[], nn.Module]

PUBLISHED: dict[str, tuple[Make, int]] = {
    "age": (AgeResNet, 6_924_705),
    "xresnet1d101": (XResNet1d101, 1_872_261),
    "net1d": (Net1d, 30_819_014),
    "st_mem": (StMem, 85_151_383),
    "crnn": (lambda: Crnn(targets=3), 14_477_795),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_names_shapes_and_number_of_parameters_are_those_of_the_authors_code(name: str):
    make, parameters = PUBLISHED[name]
    with torch.device("meta"):
        net = make()
    own = {f"{key} {tuple(value.shape)}" for key, value in net.state_dict().items()}
    assert own == {*(NAMES / f"{name}.txt").read_text().splitlines()}
    assert sum(each.numel() for each in net.parameters()) == parameters


OUTPUTS: dict[str, tuple[Make, int, list[list[float]]]] = {
    "age": (AgeResNet, 4096, [[2.645642], [1.711550]]),
    "xresnet1d101": (
        XResNet1d101,
        599,
        [[-21.969292, -7.731862, 14.084113], [-25.489815, -9.738873, 12.771792]],
    ),
    "net1d": (Net1d, 601, [[-0.295893, -0.154533, -0.122101], [-0.439982, -0.254577, -0.220576]]),
    "net1d with BatchNorm": (
        lambda: Net1d(batch_norm=True),
        601,
        [[-0.363056, -0.260637, -0.131053], [-0.462047, -0.307625, -0.252100]],
    ),
    "st_mem, narrow, of two layers": (
        lambda: StMem(width=192, depth=2),
        600,
        [[1.258844], [0.596647]],
    ),
    "crnn": (
        lambda: Crnn(targets=3),
        600,
        [[-0.015787, 0.141907, -0.017700], [-0.016127, 0.141686, -0.017770]],
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_those_of_the_authors_code(name: str):
    make, time, expected = OUTPUTS[name]
    net = make()
    fill(net)
    with torch.no_grad():
        got = net(ecgs(2, 12, time))[:, :3]
    torch.testing.assert_close(got, torch.tensor(expected), rtol=1e-4, atol=1e-5)


SMALL_ENOUGH: dict[str, Make] = {
    "age": lambda: AgeResNet(samples=600),
    "crnn": lambda: Crnn(),
    "inception": lambda: Inception(leads=12),
    "inception_time": lambda: InceptionTime(),
    "net1d": lambda: Net1d(targets=1),
    "net1d with BatchNorm": lambda: Net1d(targets=1, batch_norm=True),
    "ribeiro": lambda: RibeiroResNet(targets=1, samples=600),
    "st_mem": lambda: StMem(width=64, depth=2),
    "xresnet1d101": lambda: XResNet1d101(targets=1),
}


# The backward LSTM is read where it begins: it has no past there.
UNUSED = ("lstm_2.weight_hh_l0_reverse",)


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:You defined a `validation_step`")
@pytest.mark.filterwarnings("ignore:.*`isinstance.treespec, LeafSpec.` is deprecated")
@pytest.mark.parametrize("name", SMALL_ENOUGH)
def test_fitting_on_exact_ecgs_changes_every_weight_that_is_used(name: str):
    torch.manual_seed(0)
    net = InUnits(SMALL_ENOUGH[name](), y_mean=160.0, y_sd=20.0)
    before = {key: each.clone() for key, each in net.named_parameters() if each.requires_grad}
    records = [exact_record(draw_exact(0, index)) for index in range(4)]
    x = torch.stack([torch.from_numpy(each.beat).float() for each in records])
    y = torch.tensor([[each.labels["pr"]] for each in records])
    batch = Ecgs(x, y, [each.id for each in records])
    loader = DataLoader(range(4), batch_size=4, collate_fn=lambda _: batch)  # pyright: ignore[reportArgumentType]
    trainer = pl.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Regression(net, lr=1e-3), loader)
    after = dict(net.named_parameters())
    # A constant before a BatchNorm has no gradient but rounding.
    weights = [key for key in before if not key.endswith(("bias", *UNUSED))]
    assert not [key for key in weights if torch.equal(after[key], before[key])]
    assert all(each.isfinite().all() for each in after.values())


@pytest.mark.heavy
@pytest.mark.parametrize("name", SMALL_ENOUGH)
def test_every_layer_can_draw_its_weights_again(name: str):
    net = SMALL_ENOUGH[name]().eval()
    x = ecgs(4, 12, 600)
    named = layers(net, x)
    other = randomised(net, named, x, seed=0)
    assert not torch.equal(net(x), other(x))


@pytest.mark.parametrize("make", [RibeiroResNet, AgeResNet])
def test_a_network_with_a_weight_for_each_sample_refuses_another_length(make: Make):
    with pytest.raises(ValueError, match=r"expected 4096 samples, got 600; .*crop or pad"):
        make()(torch.zeros(1, 12, 600))


def test_the_age_network_refuses_samples_that_its_two_ways_round_unequally():
    with pytest.raises(ValueError, match=r"expected samples .* four times, got 4099; .* 256"):
        AgeResNet(samples=4099)


@pytest.mark.parametrize("time", [610, 2325, 5000])
def test_the_transformer_refuses_what_is_no_number_of_its_patches(time: int):
    net = StMem(width=64, depth=1)
    expected = f"expected a multiple of 75 samples, 2250 at most, got {time}"
    with pytest.raises(ValueError, match=expected):
        net(torch.zeros(1, 12, time))


def test_the_transformer_refuses_sizes_that_do_not_divide():
    with pytest.raises(ValueError, match="got samples=2250, patch=100 and width=768"):
        StMem(patch=100)
    with pytest.raises(ValueError, match="and width=100"):
        StMem(width=100)


def test_sixty_three_samples_are_enough_for_the_recurrent_network():
    assert Crnn().eval()(torch.zeros(1, 12, 63)).shape == (1, 1)


def rows() -> list[tuple[str, str, int]]:
    """Name, class and number of parameters of each row of docs/networks.md."""
    page = (Path(__file__).parents[3] / "docs" / "networks.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\w+)` \| `(\w+)` \| .* \| ([\d ]+) \| ", page, re.MULTILINE)
    return [(name, kind, int(count.replace(" ", ""))) for name, kind, count in found]


@pytest.mark.parametrize(("name", "kind", "count"), rows())
def test_the_page_states_the_class_and_the_number_of_parameters(name: str, kind: str, count: int):
    with torch.device("meta"):
        net = getattr(ecglens_zoo, kind)()
    assert sum(each.numel() for each in net.parameters()) == count
    settings = (CONF / "model" / f"{name}.yaml").read_text()
    assert f"_target_: ecglens_zoo.{kind}\n" in settings


def test_the_page_has_every_published_network():
    assert {kind for _, kind, _ in rows()} == {*ecglens_zoo.__all__}

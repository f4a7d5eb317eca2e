"""Networks that a season trains: of a drawn shape on a drawn target, and twins with a shortcut."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from ecglens.engine import one_thread, torch_seeded
from ecglens.store import Step, Store
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from ..apart import Program, in_units, program_of
from ..planted import NEW, Hearts, auroc, behaves, fresh, kept, learn, world
from .hearts import SPARE
from .hearts import Hearts as SeasonHearts
from .seasons import Season

KEPT = Step("season_networks", version=1)
TARGETS = ("pr", "qrs", "qt", "r", "j", "t")
MV = 1e-3  # networks read mV
TRAINING, EPOCHS, CHECKED = 800, 12, 128
LEAST_R2 = 0.9  # below it, the next shape is drawn
SHAPES = 6  # shapes that are tried at most
CHANNELS, KERNELS, BLOCKS = (12, 16), (11, 13, 15), (2, 3)


@dataclass(frozen=True)
class Shape:
    """Channels, kernel, number of blocks, and whether each is added to its input."""

    channels: int
    kernel: int
    blocks: int
    skips: bool

    @classmethod
    def drawn(cls, random: np.random.Generator) -> "Shape":
        """A shape of the season."""
        channels, kernel, blocks = (int(random.choice(c)) for c in (CHANNELS, KERNELS, BLOCKS))
        return cls(channels, kernel, blocks, bool(random.integers(2)))

    def network(self) -> nn.Module:
        """A network with torch's own random weights."""
        block = (self.channels, self.kernel, self.skips)
        return nn.Sequential(
            nn.Conv1d(12, self.channels, self.kernel, padding="same"),
            nn.BatchNorm1d(self.channels),
            nn.ReLU(),
            *[_Block(*block) for _ in range(self.blocks)],
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
            nn.Linear(self.channels, 1),
        )


class _Block(nn.Module):
    def __init__(self, channels: int, kernel: int, skips: bool) -> None:
        super().__init__()
        self.pool, self.skips = nn.AvgPool1d(2), skips
        self.conv = nn.Conv1d(channels, channels, kernel, padding="same")
        self.norm, self.relu = nn.BatchNorm1d(channels), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(x)
        y = self.relu(self.norm(self.conv(x)))
        return x + y if self.skips else y


@dataclass(frozen=True, eq=False)
class Trained:
    """A network of a target with its relatives; outputs are in SDs of the label.

    `redrawn` has the same shape and new weights, `permuted` learned permuted labels.
    """

    own: Program
    redrawn: Program
    permuted: Program


def trained(season: Season, number: int, target: str, store: Store) -> Trained:
    """Network number `number` of a season. Raises ValueError where no shape reads the target."""
    hearts = SeasonHearts(season, "trained")
    x, y = _labelled(hearts, 10_000 * (number + 1), TRAINING, target)
    new_x, new_y = _labelled(hearts, 10_000 * (number + 1) + TRAINING, CHECKED, target)
    mean, sd = y.mean(), y.std()
    y, new_y = (y - mean) / sd, (new_y - mean) / sd

    def fitted(labels: Tensor, shape: Shape, *names: str | int) -> nn.Module:
        seed = season.number("weights", number, target, *names)
        about = {**vars(shape), "season": season.commitment, "number": number, "target": target}
        own = partial(_fitted, shape.network, seed, (x, labels), functional.mse_loss)
        return kept(store, KEPT, {**about, "names": names}, shape.network, own)

    for attempt in range(SHAPES):
        shape = Shape.drawn(season.numbers("shape", number, attempt))
        own = fitted(y, shape, "own", attempt)
        with torch.no_grad(), one_thread():
            r2 = float(1 - functional.mse_loss(own(new_x)[:, 0], new_y) / new_y.var())
        if r2 >= LEAST_R2:
            order = torch.randperm(len(y), generator=season.torch_numbers("permuted", number))
            permuted = fitted(y[order], shape, "permuted", attempt)
            redrawn = _redrawn(shape, season.number("redrawn", number), x[:CHECKED])
            return Trained(*(_program(each, x) for each in (own, redrawn, permuted)))
    raise ValueError(
        f"expected a network that reads {target} with R² of {LEAST_R2}, got none of {SHAPES} "
        "shapes; open another season"
    )


def _labelled(
    hearts: SeasonHearts, start: int, count: int, target: str
) -> tuple[Float[Tensor, "ecg lead time"], Float[Tensor, " ecg"]]:
    """ECGs in mV and their labels."""
    ecgs = hearts.beats(count, start)
    labels = [one.labels[target] for one in ecgs.parameters]
    return ecgs.x * MV, torch.tensor(labels, dtype=torch.float32)


def _redrawn(shape: Shape, seed: int, x: Float[Tensor, "ecg lead time"]) -> nn.Module:
    """A network of random weights, with the statistics of its own activations on these ECGs."""
    with torch_seeded(seed), torch.no_grad(), one_thread():
        net = shape.network()
        for layer in net.modules():
            if isinstance(layer, nn.BatchNorm1d):
                layer.momentum = None  # the mean over the passes: here of one
        net.train()(x)
    return net.eval()


def _program(net: nn.Module, x: Float[Tensor, "ecg lead time"]) -> Program:
    return in_units(program_of(net, x), MV, 0.0, 1.0)


def _fitted(
    make: Callable[[], nn.Module],
    seed: int,
    data: tuple[Tensor, Tensor],
    loss: Callable[..., Tensor],
) -> nn.Module:
    with torch_seeded(seed), one_thread():
        net = make()
        learn(net, *data, loss, EPOCHS)
    return net


LABELS = ("t", "r", "j")  # of which a twin learns whether it is high
TWIN_ECGS, BEHAVES_ON = 600, 64


@dataclass(frozen=True, eq=False)
class Twins:
    """Two networks of the same hearts, weights at the start and order: one learned a shortcut.

    `behave` is True where the cheating one reads the shortcut and the clean one does not
    (planted.behaves). `x` are new ECGs in µV, a shortcut in some of them; the last SPARE of them
    are others.
    """

    kind: str
    cheating: Program
    clean: Program
    x: Float[Tensor, "ecg lead time"]
    segments: np.ndarray
    behave: bool


def twins(season: Season, kind: str, pair: int, count: int, store: Store) -> Twins:
    """Pair number `pair` of a kind of shortcut, with `count` new ECGs and SPARE others."""
    label = str(season.numbers("label", kind, pair).choice(LABELS))
    hearts = Hearts(season.number("twins", kind, pair), label)
    x, _, present, segments = world(kind, NEW, max(count + SPARE, BEHAVES_ON), 0.0, hearts)
    nets = [_twin(season, kind, pair, strength, hearts, store) for strength in (1.0, 0.0)]
    tells = [_tells(net, x, present) for net in nets]
    behave = behaves(True, tells[0]) and behaves(False, tells[1])
    cheating, clean = (_program(net.get_submodule("body"), x * MV) for net in nets)
    return Twins(kind, cheating, clean, x[: count + SPARE], segments[: count + SPARE], behave)


def _twin(
    season: Season, kind: str, pair: int, strength: float, hearts: Hearts, store: Store
) -> nn.Module:
    settings = {"season": season.commitment, "kind": kind, "pair": pair, "strength": strength}
    seed = season.number("twin", kind, pair)

    def make() -> nn.Module:
        data = world(kind, 0, TWIN_ECGS, strength, hearts)[:2]
        return _fitted(fresh, seed, data, functional.binary_cross_entropy_with_logits)

    return kept(store, KEPT, settings, fresh, make)


def _tells(net: nn.Module, x: Tensor, present: Bool[np.ndarray, " ecg"]) -> float:
    with torch.no_grad(), one_thread():
        outputs = net(x)[:, 0].numpy()
    return auroc(outputs[present], outputs[~present])

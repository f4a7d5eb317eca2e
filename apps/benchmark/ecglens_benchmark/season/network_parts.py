"""Parts about the network and about the ECG: a map beside those of other networks and ECGs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from ecglens.engine import Copies, Walker, one_thread, sample_ids
from ecglens.eval import Networks, Subject, rank_points, step_of_samples
from ecglens.explain import GivenMaps
from ecglens.library import evaluations_of
from ecglens.store import Step, Store
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ..apart import Program, Steps
from .hearts import Ecgs
from .parts import Given, Row, Scored, by_network
from .sittings import Maps

STEPS = 15  # segments, as far as the area of the default protocol goes
SEGMENT = 15  # samples: 30 ms of one lead
DONORS = 2  # ECGs of others whose samples take their place

Areas = Float[np.ndarray, " ecg"]


@dataclass(frozen=True, eq=False)
class Swaps:
    """Segments of median beats that are exchanged with those of other ECGs, one after another.

    The area of an order is the mean |f(x_k) − f(x)| over k = 1 … STEPS and DONORS, in the unit of
    the output: the default protocol with donors that are drawn here.
    """

    net: nn.Module
    x: Float[Tensor, "ecg lead time"]
    others: Float[Tensor, "other lead time"]
    seed: int

    def of_maps(self, maps: Float[np.ndarray, "ecg lead time"]) -> Areas:
        """Area of each ECG in the order of the sums of |map|, largest first."""
        tops = torch.from_numpy(np.abs(maps)).reshape(*maps.shape[:2], -1, SEGMENT).sum(-1)
        names = [f"{ecg}" for ecg in range(len(maps))]
        return self._of(rank_points(tops, STEPS, self.seed, names))

    def oracle(self) -> Areas:
        """Area of each ECG in the order of the effects of single segments, means over donors."""
        effects = torch.stack(
            [
                torch.stack([alone(self._walker, x, field) for field in fields]).abs().mean(0)
                for x, fields in self._each()
            ]
        )
        return self._of(effects.argsort(dim=1, descending=True, stable=True)[:, :STEPS])

    def greedy(self) -> Areas:
        """Area of each ECG where every step takes the segment that moves the output most."""
        orders = [
            greedy_order(self._walker, x, fields, lambda moved: moved.abs().mean(0))
            for x, fields in self._each()
        ]
        return self._of(torch.stack(orders))

    def _each(self) -> list[tuple[Tensor, Tensor]]:
        """Each ECG, and what turns it into each of its donors."""
        drawn = np.random.default_rng(self.seed)
        found = []
        for x in self.x:
            donors = drawn.choice(len(self.others), DONORS, replace=False)
            found.append((x, self.others[donors] - x))
        return found

    def _of(self, orders: Int64[Tensor, "ecg step"]) -> Areas:
        found = []
        for (x, fields), order in zip(self._each(), orders, strict=True):
            outputs = in_order(self._walker, x, fields, order)
            found.append(float((outputs[1:] - outputs[0]).abs().mean()))
        return np.array(found)

    @cached_property
    def _walker(self) -> Walker:
        return Walker(self.net, self.x[0])


def in_order(
    walker: Walker,
    x: Float[Tensor, "lead time"],
    fields: Float[Tensor, "draw lead time"],
    order: Int64[Tensor, " step"],
) -> Float[Tensor, " copy"]:
    """Output of an ECG, then with its segments changed by each field, one more at each step."""
    with one_thread():
        return walker(Copies(x, _hit(order, x), fields, STEPS))[:, 0]


def alone(walker: Walker, x: Tensor, field: Tensor) -> Float[Tensor, " segment"]:
    """Change of the output by each segment of an ECG changed alone."""
    every = _every(x)
    with one_thread():
        outputs = walker(Copies(x, every, field[None], int(every.max()), alone=True))[:, 0]
    return outputs[1:] - outputs[0]


def _hit(order: Int64[Tensor, " step"], x: Tensor) -> Int64[Tensor, "lead time"]:
    return step_of_samples(order, torch.arange(x.shape[1]) // SEGMENT, len(x))


def _every(x: Tensor) -> Int64[Tensor, "lead time"]:
    """Number of each sample's segment, from 1."""
    return _hit(torch.arange(x.numel() // SEGMENT), x)


def greedy_order(
    walker: Walker,
    x: Float[Tensor, "lead time"],
    fields: Float[Tensor, "draw lead time"],
    worth: Callable[[Float[Tensor, "draw segment"]], Float[Tensor, " segment"]],
) -> Int64[Tensor, " {STEPS}"]:
    """Segments by a greedy search: each step takes the one of most `worth`, given those before.

    `worth` gets the change of the output from the unchanged ECG, for each field.
    """
    every, here, order = _every(x), x.expand(fields.shape).clone(), []
    so_far = torch.zeros(len(fields), 1)
    for _ in range(STEPS):
        moved = torch.stack(
            [alone(walker, one, x + f - one) for one, f in zip(here, fields, strict=True)]
        )
        found = worth(so_far + moved)
        found[order] = -torch.inf
        order.append(int(found.argmax()))
        so_far = so_far + moved[:, order[-1:]]
        here = torch.where(every == order[-1] + 1, x + fields, here)
    return torch.tensor(order)


CEILINGS = Step("season_ceilings", version=1)
MEAN_BEAT = "mean beat"  # the typical ECG that is taken of the return test
ABOUT = ("network", "method", "typical", "record")  # columns that say whose return it is


def _kept(
    store: Store, settings: Mapping[str, str], file: str, make: Callable[[], dict[str, Row]]
) -> dict[str, Row]:
    """Rows of ceilings by name, from the store where they are there."""

    def build(folder: Path) -> None:
        np.savez(folder / file, **make())  # pyright: ignore[reportArgumentType]

    with np.load(store.folder(CEILINGS, settings, build) / file) as rows:
        return dict(rows)


@dataclass(frozen=True, eq=False)
class AboutNetwork(Scored):
    """Area in the order of the own map, less that of the best map of another network or control.

    `own` are the trained networks by name of what was asked. `key` stands for networks and ECGs in
    the store.
    """

    own: Mapping[str, Program]
    ecgs: Ecgs
    controls: Sequence[Given]
    store: Store
    key: str
    seed: int

    def row(self, given: Given, slope: bool) -> Row:
        def scores(name: str) -> list[Row]:
            maps = [given[name], *(given.get(each) for each in self._others(name))]
            # A relative that is refused, or has nothing but zeros, leaves nothing to compare with.
            there = [each for each in maps if each is not None and each.any()]
            if len(there) < len(maps):
                return []
            return [self._swaps[name].of_maps(each) for each in there]

        ceilings = {name: float(greedy.mean()) for name, (greedy, _) in self.ceilings.items()}
        return by_network(self._of_controls, ceilings, given, scores)

    def _others(self, name: str) -> list[str]:
        """Other networks: with weights redrawn, of permuted labels, and of other targets."""
        number = name.partition("/")[0]
        others = (each for each in self.own if each != name)
        return [f"{number}/redrawn", f"{number}/permuted", *others]

    @cached_property
    def _swaps(self) -> dict[str, Swaps]:
        x, others = self.ecgs.x, self.ecgs.others
        return {
            name: Swaps(Steps(program), x, others, self.seed) for name, program in self.own.items()
        }

    @cached_property
    def _of_controls(self) -> dict[str, list[Row]]:
        return {
            name: [swaps.of_maps(own[name]) for own in self.controls]
            for name, swaps in self._swaps.items()
        }

    @cached_property
    def ceilings(self) -> dict[str, tuple[Row, Row]]:
        """Areas by the greedy order and by that of single effects, for each network."""

        def make() -> dict[str, Row]:
            found = {}
            for number, swaps in enumerate(self._swaps.values()):
                found[f"greedy {number}"] = swaps.greedy()
                found[f"oracle {number}"] = swaps.oracle()
            return found

        rows = _kept(self.store, {"season": self.key}, "areas.npz", make)
        return {
            name: (rows[f"greedy {number}"], rows[f"oracle {number}"])
            for number, name in enumerate(self.own)
        }


@dataclass(frozen=True, eq=False)
class AboutEcg(Scored):
    """Return of the reading by the own map, less that by the best map of others or control.

    `key` stands for networks and ECGs in the store.
    """

    networks: Mapping[str, tuple[Program, Ecgs]]
    controls: Sequence[Given]
    store: Store
    key: str

    def row(self, given: Given, slope: bool) -> Row:
        def scores(name: str) -> list[Row]:
            return returned(*self.networks[name], {"own": given[name]}, self.store)["own"]

        ceilings = {name: float(each.mean()) for name, each in self.ceilings.items()}
        return by_network(self._of_controls, ceilings, given, scores)

    @cached_property
    def _of_controls(self) -> dict[str, list[Row]]:
        found = {}
        for name, (program, ecgs) in self.networks.items():
            maps = {f"control {number}": own[name] for number, own in enumerate(self.controls)}
            mean = torch.cat([ecgs.x, ecgs.others]).mean(0)
            maps["deviation"] = (ecgs.x - mean).abs().numpy()
            every = returned(program, ecgs, maps, self.store)
            found[name] = [own for own, *_ in every.values()]
        return found

    @cached_property
    def ceilings(self) -> dict[str, Row]:
        """Return of each ECG by a greedy search, for each network."""

        def make() -> dict[str, Row]:
            every = enumerate(self.networks.values())
            return {f"{number}": greedy_return(*each) for number, each in every}

        rows = _kept(self.store, {"returns": self.key}, "returns.npz", make)
        return {name: rows[f"{number}"] for number, name in enumerate(self.networks)}


def returned(
    program: Program, ecgs: Ecgs, maps: Mapping[str, Maps], store: Store
) -> dict[str, list[Row]]:
    """Returns to the mean beat by each ECG's given map, then by each map of others.

    Mean over the steps of the return test (docs/ladder.md).
    """
    ids = sample_ids(ecgs.x)
    methods = {
        name: GivenMaps(dict(zip(ids, map(torch.from_numpy, each), strict=True)))
        for name, each in maps.items()
    }
    subject = Subject(ecgs.batch, methods, store=store, progress=False, workers=1)
    (evaluation,) = evaluations_of("return_test", subject.target)
    with one_thread():
        finding = evaluation(Networks([Steps(program)]), subject)
    table = finding.details["returns"]
    table = table[table["typical"] == MEAN_BEAT].set_index(["method", "record"])
    nulls = [each for each in table.columns if each not in (*ABOUT, "returned")]
    records = [*ecgs.batch.record]
    return {
        name: [table.loc[name].loc[records, each].to_numpy(float) for each in ("returned", *nulls)]
        for name in maps
    }


def greedy_return(program: Program, ecgs: Ecgs) -> Row:
    """Return of each ECG to the mean of the others where every step brings back most."""
    net, found = Steps(program), []
    walker = Walker(net, ecgs.x[0])
    for ecg, x in enumerate(ecgs.x):
        typical = ecgs.x[[other for other in range(len(ecgs.x)) if other != ecg]].mean(0)
        with torch.no_grad(), one_thread():
            away = net(torch.stack([x, typical]))[:, 0]
        side = -1.0 if away[0] < away[1] else 1.0
        field = (typical - x)[None]
        order = greedy_order(walker, x, field, lambda moved, side=side: -side * moved.mean(0))
        outputs = in_order(walker, x, field, order)
        found.append(float(side * (outputs[0] - outputs[1:]).mean()))
    return np.array(found)

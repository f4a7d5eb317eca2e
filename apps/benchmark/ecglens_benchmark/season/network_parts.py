"""Parts about the network and about the ECG: a map beside those of other networks and ECGs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import torch
from ecglens.engine import Copies, Walker, one_thread, sample_ids
from ecglens.eval import Networks, Subject, step_of_samples
from ecglens.explain import GivenMaps
from ecglens.library import evaluations_of
from ecglens.store import Step, Store
from jaxtyping import Float
from torch import Tensor

from ..apart import Program, Steps
from .areas import SEGMENT, STEPS, Swaps, greedy_order
from .hearts import Ecgs
from .parts import Given, Row, Scored, scaled
from .sittings import Maps

CEILINGS = Step("season_ceilings", version=1)
MEAN_BEAT = "mean beat"  # the typical ECG that is taken of the return test
ABOUT = ("network", "method", "typical", "record")  # columns that say whose return it is


@dataclass(frozen=True, eq=False)
class AboutNetwork(Scored):
    """Area in the order of the own map, less that of the best map of another network or control.

    `own` are the trained networks by name of what was asked; `others` names for each the maps of
    other networks. `key` stands for networks and ECGs in the store.
    """

    own: Mapping[str, Program]
    others: Mapping[str, Sequence[str]]
    ecgs: Ecgs
    controls: Sequence[Given]
    store: Store
    key: str
    seed: int

    def row(self, given: Given, slope: bool) -> Row:
        found = []
        for name, swaps in self._swaps.items():
            own = given.get(name)
            if own is None:
                found.append(np.zeros(len(self.ecgs.x)))
                continue
            relatives = [given[other] for other in self.others[name] if other in given]
            floors = [swaps.of_maps(each) for each in relatives] + self._of_controls[name]
            ceiling = float(self.ceilings[name]["greedy"].mean())
            found.append(scaled(swaps.of_maps(own), floors, ceiling))
        return np.concatenate(found)

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
    def ceilings(self) -> dict[str, dict[str, Row]]:
        """Areas by the greedy order and by the oracle of single effects, for each network."""

        def build(folder: Path) -> None:
            found = {}
            for number, swaps in enumerate(self._swaps.values()):
                found[f"greedy {number}"] = swaps.greedy()
                found[f"oracle {number}"] = swaps.oracle()
            np.savez(folder / "areas.npz", **found)  # pyright: ignore[reportArgumentType]

        folder = self.store.folder(CEILINGS, {"season": self.key}, build)
        with np.load(folder / "areas.npz") as kept:
            return {
                name: {order: kept[f"{order} {number}"] for order in ("greedy", "oracle")}
                for number, name in enumerate(self._swaps)
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
        found = []
        for name, (program, ecgs) in self.networks.items():
            if name not in given:
                found.append(np.zeros(len(ecgs.x)))
                continue
            own, *others = returned(program, ecgs, {"own": given[name]}, self.store)["own"]
            floors = every_ecg(others + self._of_controls[name])
            found.append(scaled(own, floors, self.ceilings[name].mean()))
        return np.concatenate(found)

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

        def build(folder: Path) -> None:
            rows = [greedy_return(*each) for each in self.networks.values()]
            arrays = {f"{number}": row for number, row in enumerate(rows)}
            np.savez(folder / "returns.npz", **arrays)  # pyright: ignore[reportArgumentType]

        folder = self.store.folder(CEILINGS, {"returns": self.key}, build)
        with np.load(folder / "returns.npz") as kept:
            return {name: kept[f"{number}"] for number, name in enumerate(self.networks)}


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


def every_ecg(floors: Sequence[Row]) -> list[Row]:
    """Floors of every ECG: where a map of others cannot be made, the best floor of that ECG."""
    best = np.nanmax(np.stack(floors), axis=0)
    return [np.where(np.isnan(each), best, each) for each in floors]


def greedy_return(program: Program, ecgs: Ecgs) -> Row:
    """Return of each ECG to the mean of the others where every step brings back most."""
    net, found = Steps(program), []
    walker, units = Walker(net, ecgs.x[0]), torch.arange(ecgs.x.shape[2]) // SEGMENT
    for ecg, x in enumerate(ecgs.x):
        typical = ecgs.x[[other for other in range(len(ecgs.x)) if other != ecg]].mean(0)
        with torch.no_grad(), one_thread():
            away = net(torch.stack([x, typical]))[:, 0]
        side = -1.0 if away[0] < away[1] else 1.0
        field = (typical - x)[None]
        order = greedy_order(walker, x, field, units, partial(_back, side))
        with one_thread():
            outputs = walker(Copies(x, step_of_samples(order, units, len(x)), field, STEPS))[:, 0]
        found.append(float(side * (outputs[0] - outputs[1:]).mean()))
    return np.array(found)


def _back(side: float, moved: Float[Tensor, "draw segment"]) -> Float[Tensor, " segment"]:
    return -side * moved.mean(0)

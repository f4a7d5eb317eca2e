"""Scores of a method in every part of a season, beside its controls."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from ecglens.explain import controls
from ecglens.store import Step, fingerprint

from ..apart import Steps
from .network_parts import AboutEcg, AboutNetwork
from .parts import PARTS, Given, Row, Scored, Scores, Twinned, agreement, cosines, measured
from .sittings import control_maps
from .world import World

OF_CONTROLS = Step("season_controls", version=3)
# The sitting whose maps a part scores, where it has another name.
SITTING = {"network": "trained", "doses": "trained"}


@dataclass(frozen=True, eq=False)
class Scoring:
    """Scored parts of a season."""

    world: World

    def rows(self, given: Mapping[str, Given], slope: bool) -> dict[str, Row]:
        """Scores by part, from the maps of each sitting."""
        every = {**given, "ecg": {**given["events"], **given["trained"]}}
        return {
            name: each.row(every[SITTING.get(name, name)], slope)
            for name, each in self.parts.items()
        }

    @cached_property
    def of_controls(self) -> dict[str, dict[str, Row]]:
        """Scores of each control by part; kept, since every card of a season has them."""

        def build(folder: Path) -> None:
            for name, maps in self.maps_of_controls.items():
                rows: Any = self.rows(maps, False)
                np.savez(folder / f"{name}.npz", **rows)

        folder = self.world.store.folder(OF_CONTROLS, {"season": self._key}, build)
        found: dict[str, dict[str, Row]] = {}
        for name in controls():
            with np.load(folder / f"{name}.npz") as rows:
                found[name] = dict(rows)
        return found

    @cached_property
    def maps_of_controls(self) -> dict[str, dict[str, Given]]:
        """Maps of each control by sitting."""
        found: dict[str, dict[str, Given]] = {name: {} for name in controls()}
        for sitting, asked in self.world.asked.items():
            for name, maps in control_maps(self.world.season, asked).items():
                found[name][sitting] = maps
        return found

    @cached_property
    def parts(self) -> dict[str, Scored]:
        """Parts by name, in the order of PARTS."""
        world, ecgs = self.world, self.world.trained_ecgs
        own = {f"{number}/own": each.own for number, each in enumerate(world.trained)}
        found: dict[str, Scored] = {
            "shortcuts": Twinned(world.pairs, world.audited),
            "network": AboutNetwork(
                own,
                ecgs,
                self._controls("trained"),
                world.store,
                self._key,
                world.season.number("swaps"),
            ),
            "ecg": AboutEcg(
                {name: (each.network, each.ecgs) for name, each in world.events.items()}
                | {name: (each, ecgs) for name, each in own.items()},
                [{**each["events"], **each["trained"]} for each in self.maps_of_controls.values()],
                world.store,
                self._key,
            ),
            "doses": Scores(
                agreement,
                {name: measured(Steps(each), ecgs) for name, each in own.items()},
                self._controls("trained"),
            ),
        }
        for name, known in world.known.items():
            if name in PARTS:
                found[name] = Scores(cosines, known, self._controls(name))
        return {name: found[name] for name in PARTS}

    @cached_property
    def _key(self) -> str:
        return fingerprint(
            {"season": self.world.season.commitment, "sizes": vars(self.world.sizes)}
        )

    def _controls(self, sitting: str) -> list[Given]:
        return [each[sitting] for each in self.maps_of_controls.values()]

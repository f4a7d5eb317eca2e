"""What a season draws from its seed: networks, ECGs, events and shortcuts, part by part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from ecglens.ecg import BEAT_LENGTH, LEADS, R_INDEX
from ecglens.store import Store
from torch import Tensor

from ..apart import Program, program_of
from ..planted import MEANT
from .hand_set import QRS, HandSet, Readings, Steep, T, copies, drawn_span, window
from .hearts import (
    CHEST,
    SPARE,
    Ecgs,
    Events,
    Hearts,
    with_amounts,
    with_bump_in_each_chest_lead,
    with_interference,
)
from .seasons import Season
from .sittings import Asked
from .trained import TARGETS, Trained, Twins, trained, twins

LIMB = tuple(LEADS.index(lead) for lead in ("I", "II", "III", "aVR", "aVL", "aVF"))
AMOUNT_STARTS = (R_INDEX + 230, R_INDEX + 280)  # after T


@dataclass(frozen=True)
class Sizes:
    """ECGs of each network by hand, audited by twins, of trained and of event networks, strips."""

    set_ecgs: int = 16
    twin_ecgs: int = 16
    kinds: int = 6
    pairs: int = 2
    trained: int = 2
    trained_ecgs: int = 16
    strips: int = 8


@dataclass(frozen=True, eq=False)
class Known:
    """A network with its ECGs and the contributions that are true of it."""

    network: Program
    ecgs: Ecgs
    truth: Tensor

    @classmethod
    def of(cls, hand_set: HandSet, ecgs: Ecgs) -> "Known":
        """Of a network set by hand."""
        program = program_of(hand_set.network(), ecgs.x)
        return cls(program, ecgs, hand_set.truth(ecgs.x))


@dataclass(frozen=True, eq=False)
class World:
    """Everything that the methods of a season are asked about."""

    season: Season
    store: Store
    sizes: Sizes = Sizes()

    @cached_property
    def contributions(self) -> Mapping[str, Known]:
        """A signed window, a steep slope, a product, and the largest of several readings."""
        random = self.season.numbers("contributions")
        chest = random.permutation(CHEST)
        one = window(int(random.choice(LIMB)), *drawn_span(random))
        kernel = torch.zeros(len(LEADS), 2 * (half := int(random.integers(4, 9))))
        kernel[chest[0], :half], kernel[chest[0], half:] = -1 / half, 1 / half
        two = torch.stack([window(int(chest[1]), *drawn_span(random, each)) for each in (QRS, T)])
        span = drawn_span(random, T)
        if random.integers(2):
            several = torch.stack([window(int(lead), *span) for lead in CHEST])
        else:
            places = random.permutation(np.arange(T[0], T[1], 15))[:8]
            several = torch.stack([window(int(chest[2]), R_INDEX + int(at), 20) for at in places])
        threshold = float(random.uniform(40, 120))
        return self._known(
            "contributions",
            window=Readings(one[None], "sum", 100.0),
            steep=Steep(kernel, threshold, 100.0),
            product=Readings(two, "product", 1e5),
            largest=Readings(several, "largest", 100.0),
        )

    @cached_property
    def redundancy(self) -> Mapping[str, Known]:
        """Mean, largest and median of copies of one fact."""
        random = self.season.numbers("redundancy")
        return self._known(
            "redundancy",
            mean=Readings(copies(random, 3), "sum", 100.0),
            largest=Readings(copies(random, 2), "copies", 100.0),
            median=Readings(copies(random, 3), "median", 100.0),
        )

    @cached_property
    def suppressors(self) -> Mapping[str, tuple[Known, Tensor]]:
        """Networks that take a disturbance out of a lead by another one that holds it alone.

        With the mask of that other lead.
        """
        random, found = self.season.numbers("suppressors"), {}
        for number, kind in enumerate(("window", "steep")):
            signal, pickup = (int(each) for each in random.permutation(CHEST)[:2])
            ecgs = Hearts(self.season, f"suppressors {number}").beats(self.sizes.set_ecgs)
            with_interference(ecgs, signal, pickup, random)
            if kind == "window":
                start, width = drawn_span(random, T)
                weights = window(signal, start, width) - window(pickup, start, width)
                hand_set: HandSet = Readings(weights[None], "sum", 100.0)
            else:
                width = int(random.integers(10, 30))
                kernel = torch.zeros(len(LEADS), width)
                kernel[signal], kernel[pickup] = 1 / width, -1 / width
                hand_set = Steep(kernel, float(random.uniform(50, 150)), 100.0)
            mask = torch.zeros(len(LEADS), BEAT_LENGTH, dtype=torch.bool)
            mask[pickup] = True
            found[kind] = (Known.of(hand_set, ecgs), mask)
        return found

    @cached_property
    def strips(self) -> Mapping[str, Known]:
        """A network that sums what stands above a threshold in one lead of a strip."""
        random = self.season.numbers("strips")
        ecgs = Hearts(self.season, "strips").strips(self.sizes.strips)
        lead, width = int(random.choice(CHEST)), int(random.integers(10, 25))
        events = Events(width, (600.0, 1500.0))
        for x in (*ecgs.batch.x, *ecgs.others):
            start = int(random.integers(x.shape[1] - width))
            events.added(x, lead, start, float(random.uniform(*events.sizes)))
        kernel = torch.zeros(len(LEADS), 2 * width)
        kernel[lead, :width] = -torch.from_numpy(events.shape / width).float()
        kernel[lead, width:] = torch.from_numpy(events.shape / width).float()
        return {"event": Known.of(Steep(kernel, float(random.uniform(150, 400)), 10.0), ecgs)}

    @cached_property
    def pairs(self) -> Sequence[Twins]:
        """Pairs of networks, of drawn kinds of shortcut, one of which learned it."""
        kinds = self.season.numbers("kinds").permutation([*MEANT])[: self.sizes.kinds]
        return [
            twins(self.season, str(kind), pair, self.sizes.twin_ecgs, self.store)
            for kind in kinds
            for pair in range(self.sizes.pairs)
        ]

    @cached_property
    def trained(self) -> Sequence[Trained]:
        """Networks of drawn targets."""
        targets = self.season.numbers("targets").permutation(TARGETS)[: self.sizes.trained]
        return [
            trained(self.season, number, str(target), self.store)
            for number, target in enumerate(targets)
        ]

    @cached_property
    def trained_ecgs(self) -> Ecgs:
        """ECGs on which no network was trained or tried."""
        return Hearts(self.season, "trained").beats(self.sizes.trained_ecgs)

    @cached_property
    def events(self) -> Mapping[str, Known]:
        """Networks of which true maps differ between ECGs in a way that waves do not tell."""
        random = self.season.numbers("events")
        bumps = Events(int(random.integers(12, 30)), (150.0, 400.0))
        moving = with_bump_in_each_chest_lead(
            Hearts(self.season, "bumps").beats(self.sizes.trained_ecgs), bumps, random
        )
        kernel = torch.zeros(len(LEADS), bumps.width)
        kernel[int(random.choice(CHEST))] = torch.from_numpy(bumps.shape / bumps.width).float()
        amounts = Events(20, (0.0, 300.0))
        many = with_amounts(
            Hearts(self.season, "amounts").beats(self.sizes.trained_ecgs),
            amounts,
            AMOUNT_STARTS,
            random,
        )
        read = torch.zeros(len(LEADS), BEAT_LENGTH)
        for lead in random.permutation(len(LEADS))[: len(LEADS) // 2]:
            for start in AMOUNT_STARTS:
                read += float(random.choice([-1, 1])) * window(int(lead), start, amounts.width)
        return {
            "moving": Known.of(Steep(kernel, float(random.uniform(50, 100)), 100.0), moving),
            "amounts": Known.of(Readings(read[None], "sum", 100.0), many),
        }

    @cached_property
    def decoy(self) -> Known:
        """A network with the truth of another one, which reads another lead at another time."""
        random = self.season.numbers("decoy")
        one, other = (int(each) for each in random.permutation(CHEST)[:2])
        ecgs = Hearts(self.season, "decoy").beats(self.sizes.set_ecgs)
        own = Readings(window(one, *drawn_span(random, T))[None], "sum", 100.0)
        false = Readings(window(other, *drawn_span(random, QRS))[None], "sum", 100.0)
        return Known(program_of(own.network(), ecgs.x), ecgs, false.truth(ecgs.x))

    def _known(self, part: str, **networks: HandSet) -> dict[str, Known]:
        return {
            name: Known.of(each, Hearts(self.season, f"{part} {name}").beats(self.sizes.set_ecgs))
            for name, each in networks.items()
        }

    @cached_property
    def audited(self) -> Sequence[Ecgs]:
        """The new ECGs of each pair."""
        found = []
        for number, pair in enumerate(self.pairs):
            names = Hearts(self.season, f"twins {number}").names(0, len(pair.x) - SPARE)
            found.append(Ecgs.of(pair.x, pair.segments, names))
        return found

    @property
    def known(self) -> Mapping[str, Mapping[str, Known]]:
        """Networks of which the true maps are known, by part."""
        return {
            "contributions": self.contributions,
            "redundancy": self.redundancy,
            "suppressors": {name: known for name, (known, _) in self.suppressors.items()},
            "events": self.events,
            "strips": self.strips,
        }

    @cached_property
    def asked(self) -> Mapping[str, Mapping[str, Asked]]:
        """What is asked in each process of a method."""
        of_known = {
            part: {name: Asked(each.network, each.ecgs) for name, each in networks.items()}
            for part, networks in self.known.items()
        }
        of_known["contributions"]["decoy"] = Asked(self.decoy.network, self.decoy.ecgs)
        of_pairs: dict[str, Asked] = {}
        for number, (pair, ecgs) in enumerate(zip(self.pairs, self.audited, strict=True)):
            of_pairs[f"{number}/cheating"] = Asked(pair.cheating, ecgs)
            of_pairs[f"{number}/clean"] = Asked(pair.clean, ecgs)
            of_pairs.setdefault("decoy", of_pairs["0/clean"])  # the first one once more
        of_trained = {
            f"{number}/{relative}": Asked(getattr(each, relative), self.trained_ecgs)
            for number, each in enumerate(self.trained)
            for relative in ("own", "redrawn", "permuted")
        }
        # What is drawn depends on the order: strips and events are the last ones.
        last = {part: of_known.pop(part) for part in ("events", "strips")}
        return {**of_known, "shortcuts": of_pairs, "trained": of_trained, **last}

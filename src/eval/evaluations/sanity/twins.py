"""Score of maps of networks without the learned weights, on the network that has them.

The rule (docs/sanity.md, "About this network") was written before anything was measured.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from torch import nn

from ....explain import Method
from ...chunks import Chunks, Keeper
from ...heatmaps.attributions import kept_attributions
from ...heatmaps.probe import Probe, probe_of
from ...precompute import ChunkTask, Piece
from ...protocol import DECIDING, MOST_KEPT, Protocol
from ...ranking.outcome import areas, read
from ...statistics import LEVEL, holm
from ...statistics.crossed import Crossed
from ...subject import Networks, Subject
from ..perturbation.orders import curve_chunks, perturbation_order
from .gates import Verdict, by_verdict, of_methods

# Redraws whose maps are scored: the interval has one degree of freedom less.
SCORED = 5
RANDOM = "random"
NO_TWIN: Verdict = "not judged"

INTERVALS = (
    "intervals hold for this network and are over twins and patients; for permuted labels and "
    "baselines over patients alone; p is corrected over the methods of a gate, not over gates"
)

# Area along the maps of each method of one network.
Areas = Mapping[str, Float[np.ndarray, "protocol ecg"]]
# Area of one protocol along the maps of each network, less that of random numbers.
Scored = Float[np.ndarray, "network ecg"]


class ScoreKept(NamedTuple):
    """Share of a score that twins' maps bring by the protocol that decides, p, and the verdict.

    `by_chance` says that it fails with the limit in its interval.
    """

    kept: float
    low: float
    high: float
    p: float
    protocol: str
    verdict: Verdict
    by_chance: bool = False


UNTRIED = ScoreKept(np.nan, np.nan, np.nan, np.nan, "", NO_TWIN)


@dataclass(frozen=True)
class Twin:
    """A network that explains the ECGs: the scored one itself, or one without its knowledge."""

    net: Callable[[], nn.Module]
    methods: Mapping[str, Method]

    def piece(self, scored: Probe) -> Piece:
        """The curves along all of its maps; twins share what was made of the scored network."""

        def begin() -> ChunkTask:
            explained = probe_of(self.net(), scored.subject)

            def do(keeper: Keeper) -> None:
                for method in self.methods.values():
                    with suppress(ValueError):  # the method is left out
                        for protocol in PROTOCOLS:
                            _curves(scored, explained, method, protocol, keeper)

            return do

        return Piece(len(scored.chunks), begin)

    def areas(self, scored: Probe) -> Areas:
        """Area along the maps of each method that is right on this network."""
        explained = probe_of(self.net(), scored.subject)
        keeper = Keeper(scored.subject.store, len(scored.chunks), lambda count: None)
        y = scored.ecgs.y[:, scored.output].cpu().numpy()
        found = {}
        for name, method in self.methods.items():
            with suppress(ValueError):
                each = []
                for protocol in PROTOCOLS:
                    kept = _curves(scored, explained, method, protocol, keeper)
                    moved = read(protocol, kept.all("curves", axis=1), y).mean(0)
                    each.append(areas(moved, protocol.until))
                found[name] = np.stack(each)
        return found


def twins_of(networks: Networks, subject: Subject) -> tuple[Twin, Sequence[Twin]]:
    """The first network itself, and that on permuted labels if there is one."""
    net, permuted, every = networks.nets[0], networks.permuted, subject.every_method
    return Twin(lambda: net, every), [] if permuted is None else [Twin(lambda: permuted, every)]


# Those that decide, with as many draws as the rungs of the ladder have.
PROTOCOLS = tuple(replace(each, draws=each.ladder) for each in DECIDING)


def _curves(
    probe: Probe, explained: Probe, method: Method, protocol: Protocol, keeper: Keeper
) -> Chunks:
    """Curves of one network along the maps of another; a control's map is that of any network."""
    maps = kept_attributions(probe if method.facts.control else explained, method, 1, keeper)
    order = perturbation_order(probe, protocol, method, maps, keeper)
    return curve_chunks(probe, protocol, order, keeper)


def asked_of(twins: Sequence[Twin]) -> Mapping[str, int]:
    """How many of these networks each method was asked to explain: dear ones fewer."""
    return Counter(name for twin in twins for name in twin.methods)


def judged(
    own: Areas,
    twins: Sequence[Areas],
    patients: Sequence[str],
    asked: Mapping[str, int] | None = None,
) -> dict[str, ScoreKept]:
    """Verdict on each method and control; p is corrected over the methods alone.

    `asked` says of how many twins each method was asked, by default of all. One that was asked of
    none, and any of a single patient, is not judged. Of one that refuses a twin nothing can be
    said: the others may be those that it looks best beside.
    """
    found, asked = {}, asked or dict.fromkeys(own, len(twins))
    for name, mine in own.items():
        maps = [each[name] for each in twins if name in each]
        if not asked.get(name) or len({*patients}) < 2:
            found[name] = UNTRIED
            continue
        if len(maps) < asked[name]:
            found[name] = UNTRIED._replace(p=1.0, verdict="cannot be said")
            continue
        score = mine - own[RANDOM]
        kept = np.stack(maps, axis=1) - own[RANDOM][:, None]
        found[name] = max(
            (
                _by(protocol.name, one, twin, Crossed.of(patients))
                for protocol, one, twin in zip(PROTOCOLS, score, kept, strict=True)
            ),
            key=lambda each: (each.verdict == "fails", not each.by_chance, each.p),
        )
    methods = [name for name in of_methods(found) if found[name].verdict != NO_TWIN]
    corrected = holm([found[name].p for name in methods])
    for name, p in zip(methods, corrected, strict=True):
        found[name] = found[name]._replace(p=float(p))
    for name, each in found.items():
        if each.verdict == "cannot be said" and each.p < LEVEL:
            found[name] = each._replace(verdict="passes")
    return found


def _by(protocol: str, own: Float[np.ndarray, " ecg"], twin: Scored, crossed: Crossed) -> ScoreKept:
    """Numbers of one protocol; of "fails" or nothing so far."""
    # Twice the same network has no spread between networks: what is left is that of patients.
    many = twin if len(twin) > 1 else twin.repeat(2, axis=0)
    left = MOST_KEPT * own - many
    fails = own.mean() <= 0 or left.mean() <= 0
    p = 1.0 if fails else float(crossed.p(left))
    if own.mean() <= 0:
        _, high = crossed.interval(own[None].repeat(2, axis=0))
        return ScoreKept(np.nan, np.nan, np.nan, p, protocol, "fails", bool(high >= 0))
    share = twin.mean() / own.mean()
    # A ratio's linearisation.
    low, high = crossed.interval(share + (many - share * own) / own.mean())
    verdict: Verdict = "fails" if fails else "cannot be said"
    by_chance = fails and bool(low <= MOST_KEPT)
    return ScoreKept(share, float(low), float(high), p, protocol, verdict, by_chance)


def score_sentence(table: pd.DataFrame, ecgs: int, twins: str, when: str) -> str:
    """The answer in one sentence: the methods by their verdict against the maps of these twins."""
    words: dict[Verdict, str] = {
        "passes": "score higher", "fails": "do not", "cannot be said": "cannot be said"
    }  # fmt: skip
    return (
        f"Against maps of {twins}, its maps {by_verdict(table, words)} (such a map may bring "
        f"{MOST_KEPT:.0%} of the score; {ecgs} ECGs, {when} the outputs keep r = "
        f"{table['output_r'].iloc[0]:.2f})."
    )


def columns(prefix: str, found: Mapping[str, ScoreKept]) -> pd.DataFrame:
    """Columns of a gate by method: share of the score kept, its interval, p, protocol, verdict.

    `by_chance` is True for what failed with the limit in its interval (docs/sanity.md).
    """
    return pd.DataFrame(
        [
            {
                "method": name,
                f"{prefix}_kept": each.kept,
                f"{prefix}_kept_low": each.low,
                f"{prefix}_kept_high": each.high,
                f"{prefix}_p": each.p,
                f"{prefix}_why": each.protocol,
                f"{prefix}_verdict": each.verdict,
                f"{prefix}_by_chance": each.by_chance,
            }
            for name, each in found.items()
        ]
    )

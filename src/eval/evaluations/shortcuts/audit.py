"""Does the network look where no heart is? No truth is needed, only the ECGs and their maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from jaxtyping import Float, Int8
from torch import nn

from ....explain import controls
from ...asked import stacked
from ...heatmaps.explained import Heatmaps, Setup, explained, left_out, notes
from ...measures import Panel
from ...statistics.estimates import Patients
from .measures import MEASURES, with_chance
from .places import PLACES
from .rule import ODDS, judged
from .shares import (
    MAP_BANDS,
    SIGNAL_BANDS,
    Shares,
    power_in,
    share_of_bins,
    share_of_points,
    share_of_signal,
    share_within,
    signal_in,
)

QUESTION = "Is there relevance where no heart is seen: is the network cheating?"
SOURCE = "own definition; in the spirit of Lapuschkin et al. 2019, who found cheating by relevance"
RULE = (
    f"suspicious: a point there has surely more than {ODDS:g} times the relevance of a point "
    "elsewhere (95 % interval over patients); written before anything was measured"
)


@dataclass(frozen=True)
class Audit:
    """Shares of relevance by measure and method, and what a map that knows nothing has."""

    shares: Mapping[str, Mapping[str, Shares]]
    expected: Mapping[str, Shares]


def audit(
    maps: Heatmaps,
    x: Float[np.ndarray, "ecg lead time"],
    segments: Int8[np.ndarray, "ecg time"],
) -> Audit:
    """The shares of these maps (500 Hz, µV); places that no ECG has are left out."""
    shares, expected = {}, {}
    for name, place in PLACES.items():
        masks = np.stack([place(ecg, waves) for ecg, waves in zip(x, segments, strict=True)])
        if masks.any():
            shares[name] = {method: share_within(each, masks) for method, each in maps.items()}
            expected[name] = share_of_points(masks)
    for name, band in MAP_BANDS.items():
        shares[name] = {method: power_in(each, band) for method, each in maps.items()}
        expected[name] = share_of_bins(x, band)
    for name, band in SIGNAL_BANDS.items():
        shares[name] = {method: signal_in(each, x, band) for method, each in maps.items()}
        expected[name] = share_of_signal(x, band)
    ordered = [name for name in MEASURES if name in shares]
    return Audit({name: shares[name] for name in ordered}, expected)


def flags(found: Audit, patients: Patients) -> pd.DataFrame:
    """A row per measure and method or control, with rule.Judged."""
    return pd.DataFrame(
        [
            {"measure": name, "method": method}
            | judged(share, found.expected[name], patients)._asdict()
            for name, by_method in found.shares.items()
            for method, share in by_method.items()
        ]
    )


def shortcuts(net: nn.Module, setup: Setup) -> Panel:
    """The audit of one network; details: `flags`, which stand on share − limit in each ECG."""
    linted = notes({"the network": net}, setup)
    made = explained(net, setup, "the network")
    found = audit(made.maps, setup.ecgs.x.cpu().numpy(), setup.ecgs.segments.cpu().numpy())
    table = flags(found, setup.resampling)
    absent = [MEASURES[name].label for name in MEASURES if name not in found.shares]
    return Panel(
        experiment="shortcuts",
        question=QUESTION,
        source=SOURCE,
        measures=tuple(
            with_chance(name, float(np.nanmean(found.expected[name]))) for name in found.shares
        ),
        scores=stacked([found.shares]),
        records=setup.ecgs.record,
        patients=setup.patients,
        seed=setup.seed,
        sentence=in_words(table, len(setup.ecgs.record)),
        notes=(
            RULE,
            *(f"{label}: no ECG has such a part" for label in absent),
            *linted,
            *left_out(made),
        ),
        details={"flags": table},
    )


def in_words(table: pd.DataFrame, ecgs: int) -> str:
    """The answer in one sentence: where, by how many methods, and the largest share."""
    methods, told = table.loc[~table["method"].isin(controls())], []
    for name in dict.fromkeys(methods["measure"]):
        asked = methods.loc[methods["measure"] == name]
        rows = asked.loc[asked["flag"] == "suspicious"].to_dict("records")
        if rows:
            most = max(rows, key=lambda row: row["share"])
            told.append(
                f"{MEASURES[name].label} ({len(rows)} of {len(asked)} methods, up to "
                f"{most['share']:.0%} of {most['method']}, by chance {most['expected']:.0%})"
            )
    unsure = int((methods["flag"] == "cannot be said").sum())
    rest = f" Of {unsure} of {len(methods)} shares it cannot be said." if unsure else ""
    if not told:
        return f"On {ecgs} ECGs no share of relevance is shown to be suspicious.{rest}"
    return f"On {ecgs} ECGs relevance is suspicious in: {'; '.join(told)}.{rest}"


@dataclass(frozen=True)
class Shortcuts:
    """See `shortcuts`; asked of the first network."""

    name: ClassVar[str] = "shortcuts"
    networks: ClassVar[int] = 1
    permuted: ClassVar[bool] = False
    ecgs: ClassVar[int | None] = None

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Panel:
        """Is the network cheating?"""
        return shortcuts(nets[0], setup)

"""`evaluation=measure`: gains of a run's networks on its own ECGs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from ecglens.datamodules import Target
from ecglens.ecg import BEAT_LENGTH, BIT, Segments
from ecglens.engine import accelerate
from ecglens.eval import Evaluation, Finding, Measure, Networks, NotApplicable, Subject
from ecglens.report.text import counted
from jaxtyping import Int8

from .content import answer
from .doses import doses
from .known import Known, known_as
from .library import on_ecgs
from .measurement import Measurement, label_of

SOURCE = "our own definition; as measuring devices are tested (IEC 60601-2-25)"
GAIN = Measure(
    name="gain",
    label="Gain",
    unit="",
    higher_is_better=None,  # a gain of 1 is best for one dose, 0 for all others
    about="description",
    source=SOURCE,
    explained="Change of the reading per measured unit of a dose, slope of each ECG.",
)
TABLE = (
    "measure", "method", "kind", "value", "low", "high", "ecgs",
    "control", "difference", "difference_low", "difference_high", "beats_controls",
)  # fmt: skip


@dataclass(frozen=True)
class DoseResponse(Evaluation):
    """Gains of the explained output for every named change (`changes`: "all" or names).

    The finding has a number of each ECG and dose, NaN where the response is bent; `responses`,
    `gains` and `disturbances` are its details. Doses stand where other evaluations have methods.
    """

    changes: str | tuple[str, ...] = "all"
    ecgs: int | None = 64

    name = "measure"
    question = "How far does the reading move when one thing about an ECG changes?"
    source = SOURCE
    whole_maps = False

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The finding; raises NotApplicable where too few ECGs can be changed."""
        chosen = list(doses(self.changes).values())
        fast = [accelerate(net) for net in networks.nets]
        known = of_subject(subject)
        found = on_ecgs(fast, known, chosen, subject.target, subject.store, subject.seed)
        rows = found.gains.loc[found.gains["form"].notna()]
        output = found.outputs[min(subject.output, len(found.outputs) - 1)]
        rows = rows.loc[rows["output"] == output]
        if not len(rows):
            raise NotApplicable(
                "expected ECGs that can be changed by a dose, got "
                f"{counted(len(known.ecgs), 'ECG')} of which too few can; give more"
            )
        return Finding(
            self.about(networks, subject),
            measures=(GAIN,),
            scores={GAIN.name: {name: _slopes(found, name, output) for name in rows["change"]}},
            table=_table(rows),
            sentence=answer(found),
            details={
                "responses": found.table,
                "gains": found.gains,
                "disturbances": found.disturbances,
            },
        )


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows.rename(columns={"change": "method", "gain": "value", "n": "ecgs"})
    table = table.assign(measure=GAIN.name, kind="method").reindex(columns=[*TABLE])
    return table.astype({"beats_controls": "boolean", "ecgs": int}).reset_index(drop=True)


def _slopes(found: Measurement, name: str, output: str) -> np.ndarray:
    """Slope by network, one draw and ECG; NaN for an ECG that lacks a size and without a gain."""
    response = found.responses[name, output]
    (of_dose,) = (each for each in found.answers if each.dose.name == name)
    slopes = np.full((len(found.before), 1, len(found.known.ecgs)), np.nan)
    gains = found.gains.set_index(["change", "output"])["gain"]
    if np.isfinite(gains[name, output]):  # a bent response has no gain
        slopes[:, 0, of_dose.complete] = response.slopes
    return slopes


def of_subject(subject: Subject) -> Known:
    """ECGs of a run with what is known of them; a beat of unknown rate counts as one of 60/min."""
    x = subject.ecgs.x.cpu().numpy()
    masks = subject.ecgs.segments.cpu().numpy()
    marks = [marks_of(each) for each in masks] if x.shape[2] == BEAT_LENGTH else None
    names = subject.records
    rr_ms = [subject.rr_ms.get(name, np.nan) for name in names]
    return Known(
        known_as(x, names, marks, rr_ms, [subject.reasons.get(name, {}) for name in names]),
        f"{counted(len(x), 'ECG')} of this run",
        tuple(subject.patients),
        subject.ecgs.y.double().cpu().numpy(),
        subject.traits,
    )


def marks_of(mask: Int8[np.ndarray, " time"]) -> Segments:
    """Marks of a beat from its mask of waves; NaN for a wave that it has not."""
    p, qrs, t = (_ends(mask & BIT[wave]) for wave in ("P", "QRS", "T"))
    return Segments(*p, *qrs, *t)


def _ends(wave: Int8[np.ndarray, " time"]) -> tuple[float, float]:
    at = np.flatnonzero(wave)
    return (float(at[0]), float(at[-1])) if len(at) else (np.nan, np.nan)


def own_doses(target: Target) -> set[str]:
    """Names of the doses that change what a network of this target reads."""
    return {name for name, dose in doses().items() if dose.label == label_of(target)}

"""Measurement of a network: responses to every dose as tables, and what they say together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import UNITS, Target
from ecglens.eval import Reading
from ecglens.eval.statistics import LEVEL, holm
from ecglens.report.text import percent
from jaxtyping import Float

from .answers import Answers
from .doses import Dose
from .intervals import LEAST, Estimate
from .known import Known
from .responses import NO_RESPONSE, Form, Response, explained

# A gain on recordings and on exact ECGs may differ by this factor, as waves differ in form; more,
# or another sign, and the size of an edit does not say what the network answers to.
FACTOR = 2.0
# Share of edited ECGs beyond the training part from which a dose is marked: fewer than 1 in 20 are
# within what a 95 % interval leaves out.
OUTSIDE = 0.05
BENT_MOST = 0.1  # of the squared responses left by lines: one gain is then 32 % off, and not told
GRADED = ("time", "height")  # kinds of doses that have a gain; others disturb
MOST_MOVED = 0.95  # quantile of |change| reported for disturbances


def label_of(target: Target) -> str:
    """Label that a network of this target reads in our unit; empty for a class and another unit."""
    label = (target.column or target.name) if target.kind == "regression" else ""
    return label if target.unit == UNITS.get(label, target.unit) else ""


@dataclass(frozen=True, eq=False)
class Measurement:
    """What every output of networks of one target answers to every dose, in the target's unit.

    `keys` are those of the networks (models.network_key), `network` is their name on a sheet that
    has several, `gate` the test of a finished run of whether the network reads its target.
    """

    target: Target
    known: Known
    before: Float[np.ndarray, "network ecg output"]
    answers: tuple[Answers, ...]
    keys: tuple[str, ...] = ()
    gate: Reading | None = None
    network: str = ""

    @property
    def words(self) -> str:
        """Networks, where they have a name, and ECGs, for a reader."""
        return f"{self.network}, {self.known.words}" if self.network else self.known.words

    @property
    def doses(self) -> dict[str, Dose]:
        """The doses by name."""
        return {each.dose.name: each.dose for each in self.answers}

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        count = self.before.shape[2]
        named = self.target.outputs
        return named if len(named) == count else tuple(f"output {k}" for k in range(count))

    @property
    def explained(self) -> str:
        """Name of the output that is explained."""
        return self.outputs[self.target.index]

    @cached_property
    def responses(self) -> dict[tuple[str, str], Response]:
        """Response by dose and output; a dose that too few ECGs have is missing."""
        found = {}
        for each in self.answers:
            rows = each.complete
            names = tuple(self.known.patients[row] for row in rows)
            for place, output in enumerate(self.outputs if not self.too_few(each) else ()):
                found[each.dose.name, output] = Response(
                    each.measured[np.ix_(rows, each.used)],
                    each.change[..., place][:, rows][..., each.used],
                    each.null[..., place][:, rows],
                    names,
                )
        return found

    def too_few(self, each: Answers) -> str:
        """Reason why a dose has no response; empty where it has one."""
        patients = len({self.known.patients[row] for row in each.complete})
        if patients >= LEAST:
            return ""
        why, most = self.refused(each).most_common(1), ""
        if why:
            (reason, count), *_ = why
            if count == len(self.known.ecgs):
                return reason
            most = f"; most often: {reason}"
        if not patients:
            return f"no ECG can be given every size{most}"
        who = f"{patients} patients" if patients > 1 else "one patient"
        return f"{who} can be given every size, fewer than {LEAST}{most}"

    @staticmethod
    def refused(each: Answers) -> Counter[str]:
        """Number of ECGs by reason, at the size where most were left out for it."""
        found: Counter[str] = Counter()
        for reasons in each.reasons:
            found |= Counter(reasons)
        return found

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per dose, size and output: mean response with its interval, n, ECGs refused.

        A size that fewer than half of the ECGs can be given has no response.
        """
        rows = []
        for each, name, output, found in self._found():
            at = dict(
                zip(each.used.tolist(), zip(found.sizes, found.at_sizes, strict=True), strict=True)
            )
            for place, by in enumerate(each.dose.sizes):
                size, (value, low, high) = at.get(place, (np.nan, (np.nan,) * 3))
                numbers = {"response": value, "low": low, "high": high, "measured": size}
                n = len(found.patients) if place in at else 0
                refused = sum(each.reasons[place].values())
                rows.append({"change": name, "dose": by, "unit": each.dose.unit, "output": output,
                             **numbers, "n": n, "refused": refused})  # fmt: skip
        return pd.DataFrame(rows, columns=pd.Index(TABLE))

    @cached_property
    def gains(self) -> pd.DataFrame:
        """A row per graded dose and output: gain, form, scatter, what explains it, tests.

        `per_sd` is the gain times the SD of the dose's label in these ECGs. `p` and `p_null` are
        corrected for the number of rows (Holm): the gain is 0; it is no more than for random
        directions. `reason` says why there is no gain: a dose that was not measured has no form
        either; a response that is bent by more than BENT_MOST has a form, tests and scatter.
        """
        graded = [each for each in self._found() if each[0].dose.kind in GRADED]
        p = holm([each.p for *_, each in graded])
        p_null = holm([each.p_null for *_, each in graded])
        rows = [
            self._gain(each, output, found, float(p[place]), float(p_null[place]))
            for place, (each, _, output, found) in enumerate(graded)
        ]
        rows += [
            {"change": each.dose.name, "unit": each.dose.unit, "output": output, "reason": why}
            for each in self.answers
            if each.dose.kind in GRADED and (why := self.too_few(each))
            for output in self.outputs
        ]
        return pd.DataFrame(rows, columns=pd.Index(GAINS))

    def _gain(
        self, each: Answers, output: str, found: Response, p: float, p_null: float
    ) -> dict[str, Any]:
        form: Form = found.form(shown=p < LEVEL)
        bent = form.kind != NO_RESPONSE and form.bent > BENT_MOST
        gain = Estimate(np.nan, np.nan, np.nan) if bent else found.gain
        left = f"bent: lines leave {percent(form.bent)} of the squared responses"
        return {
            "change": each.dose.name,
            "unit": each.dose.unit,
            "output": output,
            **dict(zip(("gain", "low", "high"), gain, strict=True)),
            "per_sd": gain.value * self.sd_of(each.dose),
            "p": p,
            "p_null": p_null,
            "form": form.kind,
            "bent": form.bent,
            "scattered": form.scattered,
            **dict(zip(("linear_from", "linear_to"), form.linear, strict=True)),
            **dict(zip(("dead_from", "dead_to"), form.dead, strict=True)),
            "saturated_below": form.below,
            "saturated_above": form.above,
            "scatter": found.scatter,
            "explained": explained(found.of_ecgs, self._traits(each)),
            "n": len(found.patients),
            "reach": max((at.value for at in found.at_sizes), key=abs),
            "refused": len(self.known.patients) - len(found.patients),
            "outside": self.outside(each),
            "reason": left if bent else "",
        }

    def sd_of(self, dose: Dose) -> float:
        """Usual SD of a dose: that of the label it moves, over these ECGs; NaN without one."""
        values = self.known.labels.get(dose.label or "")
        if values is None or dose.unit not in LABEL_UNITS or np.isfinite(values).sum() < 2:
            return np.nan
        return float(np.nanstd(values, ddof=1))

    def outside(self, each: Answers) -> float:
        """Largest share, over sizes, of edited ECGs whose label leaves the training part's range.

        NaN where range or label are not known.
        """
        limits = self.known.ranges.get(each.dose.label or "")
        values = self.known.labels.get(each.dose.label or "")
        if limits is None or values is None or each.dose.unit not in LABEL_UNITS:
            return np.nan
        after = values[each.complete, None] + each.measured[np.ix_(each.complete, each.used)]
        beyond = (after < limits[0]) | (after > limits[1])
        return float(beyond.mean(0).max()) if len(after) else np.nan

    def _traits(self, each: Answers) -> dict[str, Float[np.ndarray, " ecg"]]:
        """What may explain the slopes: the label of the dose, the rate, and traits."""
        labels = self.known.labels
        own = {name: labels[name] for name in (each.dose.label or "", "rate") if name in labels}
        every = {**own, **self.known.traits}
        return {name: values[each.complete] for name, values in every.items()}

    @cached_property
    def selectivity(self) -> pd.DataFrame:
        """Gain in output per unit by graded dose (rows) and output (columns).

        NaN for a response that is bent.
        """
        rows = self.gains.loc[self.gains["form"].notna()]
        found = rows.pivot(index="change", columns="output", values="gain")
        return found.reindex(index=[*dict.fromkeys(rows["change"])], columns=[*self.outputs])

    @cached_property
    def disturbances(self) -> pd.DataFrame:
        """A row per disturbance or fault, size and output: how far it moves the reading.

        `median` and `most` are quantiles (half, 95 %) of |change| over ECGs and networks.
        """
        return pd.DataFrame(
            [
                {
                    "change": each.dose.name,
                    "kind": each.dose.kind,
                    "dose": by,
                    "unit": each.dose.unit,
                    "output": output,
                    **dict(zip(("median", "most"), self._moved(each, place, column), strict=True)),
                    "n": int(np.isfinite(each.measured[:, place]).sum()),
                    "refused": sum(each.reasons[place].values()),
                }
                for each in self.answers
                if each.dose.kind not in GRADED
                for place, by in enumerate(each.dose.sizes)
                for column, output in enumerate(self.outputs)
            ],
            columns=pd.Index(DISTURBED),
        )

    @staticmethod
    def _moved(each: Answers, place: int, column: int) -> Sequence[float]:
        change = np.abs(each.change[:, :, place, column])
        there = change[np.isfinite(change)]
        return np.quantile(there, [0.5, MOST_MOVED]).tolist() if len(there) else (np.nan, np.nan)

    @cached_property
    def flips(self) -> pd.DataFrame:
        """A row per change, size and class: share of ECGs whose decision is another.

        `dose_at_flip` is the median over the ECGs that flip within the sizes, NaN for a fault,
        which has no size between. Empty for regression.
        """
        rows = []
        binary = self.target.kind == "binary"
        for each, name, output, found in self._found() if binary else ():
            logits = self.before[..., self.outputs.index(output)][:, each.complete]
            share, doses = found.flips(logits)
            there = doses[np.isfinite(doses)]
            between = len(there) and each.dose.kind != "fault"
            at = float(np.median(there)) if between else np.nan
            rows += [
                {"change": name, "dose": by, "unit": each.dose.unit, "output": output,
                 "share": float(part), "dose_at_flip": at, "n": len(doses)}
                for by, part in zip(np.array(each.dose.sizes)[each.used], share, strict=True)
            ]  # fmt: skip
        return pd.DataFrame(rows, columns=pd.Index(FLIPS))

    def _found(self) -> Iterator[tuple[Answers, str, str, Response]]:
        """Answers, name of the dose, output, and response of each that has one."""
        for each in self.answers:
            for output in self.outputs:
                if (each.dose.name, output) in self.responses:
                    yield each, each.dose.name, output, self.responses[each.dose.name, output]


LABEL_UNITS = ("ms", "µV", "1/min")
TABLE = ("change", "dose", "unit", "response", "low", "high", "n", "refused", "measured", "output")
GAINS = (
    "change", "unit", "output", "gain", "low", "high", "per_sd", "p", "p_null", "form", "bent",
    "scattered", "linear_from", "linear_to", "dead_from", "dead_to", "saturated_below",
    "saturated_above", "scatter", "explained", "reach", "n", "refused", "outside", "reason",
)  # fmt: skip
DISTURBED = ("change", "kind", "dose", "unit", "output", "median", "most", "n", "refused")
FLIPS = ("change", "dose", "unit", "output", "share", "dose_at_flip", "n")


def measurable(recordings: Measurement, exact: Measurement) -> pd.DataFrame:
    """Doses measured on recordings and on exact ECGs: both gains, and the reason against them.

    `reason` is empty where the gains agree: no sign that differs where both are shown, and no
    factor above FACTOR between gains of which one is shown and whose intervals are apart. A dose
    with a bent response on either is left out: it has no gain to compare.
    """
    both = recordings.gains.merge(
        exact.gains, on=["change", "unit", "output"], suffixes=("", "_exact")
    )
    both = both.loc[both["gain"].notna() & both["gain_exact"].notna()]
    both["reason"] = [_disagree(row) for row in both.to_dict("records")]
    columns = ["change", "unit", "output", "gain", "low", "high"]
    return both[[*columns, "gain_exact", "low_exact", "high_exact", "reason"]].reset_index(
        drop=True
    )


def _disagree(row: Mapping[Any, Any]) -> str:
    shown = [row[f"form{end}"] != NO_RESPONSE for end in ("", "_exact")]
    one, other = row["gain"], row["gain_exact"]
    if all(shown) and one * other < 0:
        return "another sign on exact ECGs"
    smaller, larger = sorted(map(abs, (one, other)))
    apart = row["low"] > row["high_exact"] or row["high"] < row["low_exact"]
    if any(shown) and apart and larger > FACTOR * smaller:
        return f"differs from exact ECGs by more than a factor of {FACTOR:g}"
    return ""

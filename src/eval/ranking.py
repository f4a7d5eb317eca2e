"""Which methods beat the controls, in which order, and how sure that is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from .comparison import Bootstrap, trusted
from .curves import area_under_curve
from .order import held, positions, rank_classes
from .outcome import draw_outcomes, usable, usable_patients
from .result import Result, Scores
from .statistics import holm


@dataclass(frozen=True)
class Ranking:
    """Methods and controls by AUC, highest first, with what can and what cannot be told apart.

    `best` is the method with the highest AUC among those that beat every control, None when none
    does; `tied` are those of the others that beat every control and cannot be told from it.
    `stable` says whether the order of the methods is the same for every cut-off of the protocol,
    `agreement` is the lowest Kendall τ of it. `ecgs` of `patients` were ranked on; `dropped` ECGs
    were not, because the outcome divides by a true value that is 0 or unknown. `sentence` is the
    answer in words.

    Columns of `table`: method; kind (method or control); auc, the mean over draws and ECGs, and
    its 95 % interval low–high; difference from random with difference_low–difference_high, paired;
    p of that difference, Holm-corrected over the methods; beats_random, beats_data_controls (abs_x
    and abs_dx) and beats_controls (all three); position among the methods; rank 1 to 3 by equal
    thirds of the way from random to the winner; held, the share of cut-offs at which the method
    holds its position. Where a control has none of these it is empty or False.
    """

    table: pd.DataFrame
    best: str | None
    tied: tuple[str, ...]
    stable: bool
    agreement: float
    ecgs: int
    dropped: int
    sentence: str
    patients: int

    @property
    def names(self) -> tuple[str, ...]:
        """Methods and controls in the order of the table."""
        return tuple(self.table["method"])


def rank(outcome: Scores | Result) -> Ranking:
    """Rank the methods of an evaluation by its protocol's outcome.

    Where every method was left out, the controls stand alone and `best` is None.
    Raises ValueError for usable ECGs of fewer than 2 patients and when random is missing.
    """
    scores = outcome.scores if isinstance(outcome, Result) else outcome
    if "random" not in scores.controls:
        raise ValueError(
            f"expected the control random, got {', '.join(scores.curves) or 'nothing'}"
        )
    protocol, keep, count = scores.protocol, usable(scores), len(scores.methods)
    # First of all: too few patients are refused here.
    patients = usable_patients(scores)
    bootstrap = Bootstrap.of(count, patients, scores.seed)
    outcomes = draw_outcomes(scores)
    # Mean over draws first: they are never resampled.
    errors = np.stack(
        [outcomes[name][:, keep].mean(0) for name in (*scores.methods, *scores.controls)]
    )
    aucs = _aucs(errors, protocol.until)
    first, last = protocol.cutoffs
    at_cutoffs = np.stack([_aucs(errors, until).mean(1) for until in range(first, last + 1)])
    share_held, agreement = held(at_cutoffs[:, :count], aucs[:count].mean(1))
    table = _table(scores, aucs, bootstrap)
    table["held"] = pd.Series(share_held, dtype="float").reindex(table.index)
    beats = table["beats_controls"].to_numpy()[:count]
    best, tied = trusted(scores.methods, aucs[:count], beats, bootstrap)
    table = table.sort_values("auc", ascending=False, kind="stable", ignore_index=True)
    stable = bool((share_held == 1).all())
    return Ranking(
        table=table,
        best=best,
        tied=tied,
        stable=stable,
        agreement=agreement,
        ecgs=int(keep.sum()),
        dropped=int((~keep).sum()),
        sentence=in_words(scores, table, best, tied),
        patients=bootstrap.patients,
    )


def _aucs(
    errors: Float[np.ndarray, "series ecg point"], until: int
) -> Float[np.ndarray, "series ecg"]:
    return area_under_curve(torch.from_numpy(errors), until).numpy()


def _table(
    scores: Scores, aucs: Float[np.ndarray, "series ecg"], bootstrap: Bootstrap
) -> pd.DataFrame:
    """The columns of Ranking.table but `held`, methods before controls."""
    names, count = [*scores.methods, *scores.controls], len(scores.methods)
    methods, controls = aucs[:count], aucs[count:]
    is_random = np.array([name == "random" for name in scores.controls])
    random = controls[is_random]
    kinds = ["method"] * count + ["control"] * len(controls)
    table = pd.DataFrame({"method": names, "kind": kinds, "auc": aucs.mean(1)})
    table["low"], table["high"] = bootstrap.interval(aucs)
    table["difference"] = (aucs - random).mean(1)
    table["difference_low"], table["difference_high"] = bootstrap.interval(aucs - random)

    def of_methods(values: np.ndarray, empty: object, kind: str) -> pd.Series:
        return pd.Series([*values.tolist(), *[empty] * len(controls)], dtype=kind)

    table["p"] = of_methods(holm(bootstrap.p(methods - random)), np.nan, "float")
    for column, beaten in {
        "beats_random": random,
        "beats_data_controls": controls[~is_random],
        "beats_controls": controls,
    }.items():
        table[column] = of_methods(bootstrap.beats(methods, beaten), False, "bool")
    mean = methods.mean(1)
    table["position"] = of_methods(positions(mean), pd.NA, "Int64")
    table["rank"] = of_methods(rank_classes(mean, random.mean()), pd.NA, "Int64")
    return table


def in_words(scores: Scores, table: pd.DataFrame, best: str | None, tied: tuple[str, ...]) -> str:
    """The answer of a ranking in one sentence."""
    ecgs, patients = len(usable_patients(scores)), len({*usable_patients(scores)})
    sure = f"on {ecgs} ECGs" + (f" of {patients} patients" if patients < ecgs else "")
    if not scores.methods:
        why = "; ".join(f"{name} was left out: {why}" for name, why in scores.left_out.items())
        return f"No method was scored, only controls {sure} ({why or 'no other was asked for'})."
    if best is None:
        controls = ", ".join(scores.controls)
        return f"No method beats every control ({controls}) {sure}: trust none of these heatmaps."
    auc = table.set_index("method")["auc"]
    moved = {"change": "moves the prediction", "relative_error": "raises the error"}
    told = f"{best} {moved[scores.protocol.outcome]} most and beats every control {sure}"
    numbers = f"AUC {auc[best]:.3g} against {auc['random']:.3g} for random"
    also = f"; it cannot be told from {', '.join(tied)}" if tied else ""
    return f"{told} ({numbers}){also}."

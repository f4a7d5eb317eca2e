"""Ranking of methods by one score, with intervals, places, and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from ...explain import left_out_notes
from ...store import Step
from ..curves import LADDER_LEVELS, ORACLE, Curves
from ..protocol import Protocol
from ..statistics.comparison import (
    best_and_tied,
    equivalent,
    least_corrected_p,
    p_of_the_best,
    sampling,
)
from ..statistics.ranks import Friedman, average_ranks, friedman
from ..statistics.resampling import REPLICATES, numbered, resampled_means
from .ladder import Ladder, climb, not_reached, reached
from .order import held, limits, of_the_methods, table
from .outcome import (
    Ranked,
    areas,
    curves_of,
    errors,
    means,
    outcome,
    side_by_side,
    usable,
    usable_patients,
    variance,
)


class Places(NamedTuple):
    """Probability of the first place and the 95 % interval of the place (1 is the highest AUC)."""

    first: Float[np.ndarray, " method"]
    low: Float[np.ndarray, " method"]
    high: Float[np.ndarray, " method"]


def places(
    aucs: Float[np.ndarray, "method network ecg"], patients: Sequence[str], seed: int
) -> Places:
    """Places of the methods in resamples of patients and, where there are several, of networks.

    Methods with equal means share the first place and have the mean of their places. Raises
    ValueError for fewer than 2 patients.
    """
    of_network = resampled_means(aucs, patients, seed)
    networks = aucs.shape[1]
    # A stream of its own: the same numbers would tie the networks drawn to the patients drawn.
    random = np.random.default_rng((seed, 1))
    drawn = random.multinomial(networks, np.full(networks, 1 / networks), REPLICATES) / networks
    means = np.einsum("mnr,rn->mr", of_network, drawn)
    if not len(means):
        return Places(*(np.empty(0),) * 3)
    highest = means == means.max(0)
    place = average_ranks(-means.T).T
    low, high = np.quantile(place, [0.025, 0.975], axis=1, method="inverted_cdf")
    return Places((highest / highest.sum(0)).mean(1), low, high)


def references(each: Sequence[Curves]) -> pd.DataFrame:
    """Columns for the table of a ranking, by method and control; none without references.

    scaled: (AUC − random) / (oracle − random) over the oracle's ECGs, all networks together, and
    its 95 % interval scaled_low–scaled_high; empty where the oracle is not above random.
    """
    scores = each[0]
    names = [*scores.methods, *scores.controls]
    columns = pd.DataFrame(index=pd.Index(names, name="method"))
    if all(ORACLE in one.references for one in each):
        values = np.stack(_scaled(each), axis=1)
        columns[["scaled", "scaled_low", "scaled_high"]] = values
    return columns


def _scaled(each: Sequence[Curves]) -> tuple[Float[np.ndarray, " series"], ...]:
    """The ratio of means and its interval by linearisation (Cochran 1977, section 6.3)."""
    scores = each[0]
    ecgs = scores.references[ORACLE].shape[1]
    keep = usable(scores)[:ecgs]
    # The usable ECGs stand in their order, so that the oracle's come first.
    aucs = areas(errors(each), scores.protocol.until)[:, :, : keep.sum()]
    read = [outcome(one, one.references[ORACLE]).mean(0) for one in each]
    best = np.stack([areas(curve, scores.protocol.until)[keep] for curve in read])
    random = aucs[len(scores.methods) + scores.controls.index("random")]
    way = float((best - random).mean()) if keep.any() else 0.0
    if not way > 0:
        return (np.full(len(aucs), np.nan),) * 3
    share = means(aucs - random) / way
    patients = [patient for patient, kept in zip(scores.patients, keep, strict=False) if kept]
    if len({*patients}) < 2:
        return share, np.full(len(aucs), np.nan), np.full(len(aucs), np.nan)
    drawn = sampling(len(each), len(scores.methods), patients, scores.seed)
    low, high = drawn.interval((aucs - random) - share[:, None, None] * (best - random))
    return share, share + low / way, share + high / way


def ranking_sentence(
    scores: Curves,
    table: pd.DataFrame,
    best: str | None,
    tied: tuple[str, ...],
    ladder: Ladder,
    networks: int,
) -> str:
    """The answer of a ranking of this many networks, with the levels that methods reach."""
    ecgs, patients = len(usable_patients(scores)), len({*usable_patients(scores)})
    sure = f"on {ecgs} ECGs" + (f" of {patients} patients" if patients < ecgs else "")
    sure += f" in {networks} networks" if networks > 1 else ""
    if not scores.methods:
        why = "; ".join(left_out_notes(scores.left_out))
        return f"No method was scored, only controls {sure} ({why or 'no other was asked for'})."
    if best is None:
        return not_reached(ladder, ladder.needed, sure)
    auc = table.set_index("method")["value"]
    beaten = LADDER_LEVELS[ladder.needed - 1].beaten
    claim = f"{best} {_moved(scores.protocol)} of those that beat {beaten} {sure}"
    # Three digits; without an exponent up to a million.
    own, random = (f"{float(f'{auc[name]:.3g}'):g}" for name in (best, "random"))
    numbers = f"AUC {own} against {random} for random"
    also = f"; it cannot be told from {', '.join(tied)}" if tied else ""
    return f"{claim} ({numbers}){also}. {reached(ladder)}"


def _moved(protocol: Protocol) -> str:
    """Effect of a best map, by the outcome and the order of a protocol."""
    moved = {
        "change": "moves the prediction",
        "relative_error": "raises the error",
        "logit": "lowers the logit",
    }[protocol.outcome]
    if protocol.order == "lerf":
        return f"{moved} least by what it ranks last"
    return f"{moved} most"


# Raised when a number of the table changes: saved rankings are then made again (finding_files).
RANKING = Step("ranking", version=2)
# Nearer than this share of the way from random to the best counts as equal. A rank class is a third
# of that way: methods a tenth apart are hardly of two classes.
MARGIN = 0.1


@dataclass(frozen=True)
class Ranking:
    """Methods and controls by AUC, highest first, with what can and what cannot be told apart.

    `best` is the method with the highest AUC among those that reach the level of the null ladder
    that is needed (`ladder.needed`), None when none does; `tied` are those of the others that reach
    it and cannot be told from the best. `stable` says whether the order of the methods is the same
    for every cut-off of the protocol, `agreement` is the lowest Kendall τ of it. `ecgs` of
    `patients` were ranked on; `dropped` ECGs were not, because the outcome divides by a true value
    that is 0 or unknown. `sentence` is the answer in words.

    Columns of `table`: measure (auc); method; kind (method or control); value, the mean AUC over
    draws and ECGs, and its 95 % interval low–high; difference from random with
    difference_low–difference_high, paired;
    p of that difference, two-sided, and against_random: above, below or not shown; beats_random,
    beats_data_controls (abs_x and abs_dx) and beats_controls (all three), which p_controls decides;
    level, the highest of the null ladder; position among the methods; tier 1 to 3: the range from
    random to the winner, in thirds; held, the share of cut-offs at which the method holds its
    position; superiority, the share of ECGs on which it is above random; p_best, which decides
    `tied` (empty for a method below the level that is needed); first, the probability of the first
    place, and place_low–place_high, the 95 % interval of the place; equivalent, whether it is the
    best one's equal within a margin (False for all where there is none). p and p_controls are
    Holm-corrected over the methods. Where a control has none of these it is empty or False. With
    an oracle there are the columns of `references` too.

    `networks` says over how many the means are: with several, intervals and tests speak of other
    networks too. `variance` has a row per method and control and splits the variance of its
    difference from random into sources (see ranking.outcome).
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
    networks: int
    variance: pd.DataFrame
    ladder: Ladder

    @property
    def names(self) -> tuple[str, ...]:
        """Methods and controls in the order of the table."""
        return tuple(self.table["method"])

    @property
    def least_p(self) -> float:
        """The smallest p that there may be in the table; what is no larger may be smaller still."""
        methods = int((self.table["kind"] == "method").sum())
        return least_corrected_p(self.networks, methods, self.patients)


def rank(ranked: Ranked, margin: float = MARGIN) -> Ranking:
    """Ranking of the methods by their area under the perturbation curve, over all networks.

    Curves of several networks are those of the same ECGs under the same protocol. `margin` is
    how far from the best a method may be and still count as equivalent to it, as a share of the
    way from random to the best. Where every method was left out, the controls stand alone and
    `best` is None. Raises ValueError for usable ECGs of fewer than 2 patients, when random is
    missing, for networks under different protocols, and for a margin not in 0…1.
    """
    if not 0 < margin < 1:
        raise ValueError(f"expected a margin above 0 and below 1, got {margin}")
    return _rank(curves_of(ranked), margin)


# A page, a table and a dashboard show the same ranking; it costs a second of resampling.
@lru_cache(maxsize=64)
def _rank(given: tuple[Curves, ...], margin: float) -> Ranking:
    each = side_by_side(given)
    scores, networks = each[0], len(each)
    protocol, keep, count = scores.protocol, usable(scores), len(scores.methods)
    # First of all: too few patients are refused here.
    patients = usable_patients(scores)
    drawn = sampling(networks, count, patients, scores.seed)
    curves = errors(each)
    aucs = areas(curves, protocol.until)
    first, last = protocol.cutoffs
    at_cutoffs = np.stack([means(areas(curves, until)) for until in range(first, last + 1)])
    share_held, agreement = held(at_cutoffs[:, :count], means(aucs[:count]))
    rows = table(scores.methods, scores.controls, aucs, drawn, limits(protocol))
    rows["held"] = of_the_methods(share_held, rows, np.nan, "float")
    ladder = climb(each)
    levels = np.array([ladder.reached[name] for name in scores.methods], int)
    rows["level"] = of_the_methods(levels, rows, pd.NA, "Int64")
    p_best = p_of_the_best(aucs[:count], levels >= ladder.needed, drawn)
    rows["p_best"] = of_the_methods(p_best, rows, np.nan, "float")
    best, tied = best_and_tied(scores.methods, aucs[:count], p_best)
    found = places(aucs[:count], patients, scores.seed)
    for name, values in zip(("first", "place_low", "place_high"), found, strict=True):
        rows[name] = of_the_methods(values, rows, np.nan, "float")
    alike = np.zeros(count, bool)
    if best is not None:
        random = aucs[count + scores.controls.index("random")]
        alike = equivalent(aucs[:count], aucs[scores.methods.index(best)], random, margin, drawn)
    rows["equivalent"] = of_the_methods(alike, rows, False, "bool")
    rows = rows.join(references(each), on="method")
    rows = rows.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    return Ranking(
        table=rows,
        best=best,
        tied=tied,
        stable=bool((share_held == 1).all()),
        agreement=agreement,
        ecgs=int(keep.sum()),
        dropped=int((~keep).sum()),
        sentence=ranking_sentence(scores, rows, best, tied, ladder, networks),
        patients=len({*patients}),
        networks=networks,
        variance=variance(each),
        ladder=ladder,
    )


def rank_test(ranked: Ranked) -> Friedman:
    """Friedman's test of the methods' AUCs with the patients as blocks; several networks' mean.

    A patient's ECGs are averaged first. Raises ValueError for fewer than 2 methods or patients.
    """
    each = side_by_side(ranked)
    scores = each[0]
    count, patient = len(scores.methods), numbered(usable_patients(scores))
    per_ecg = areas(errors(each), scores.protocol.until)[:count].mean(1)
    sums = np.stack([np.bincount(patient, weights=auc) for auc in per_ecg])
    return friedman(scores.methods, sums / np.bincount(patient))

"""What experts prefer: the vote table, and votes as numbers per ECG and method."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ..eval import Measure, Panel
from ..eval.statistics.comparison import sampling, trusted
from ..report.text.numerals import fixed, percent
from .ballot import NONE
from .bradley_terry import strengths

SOURCE = "Votes as in Storås 2025; intervals over ECGs are our own"
WHAT = {
    "pick": ("Share of votes", "How often experts chose this map as the best of those shown."),
    "rate": ("Rating", "Mean of the experts’ ratings from 1 (worst) to 5 (best)."),
    "pair": ("Comparisons won", "How often experts preferred this map to another one."),
}


def columns_of(votes: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """The votes of each target and view, in the order in which they come."""
    for target, view in dict.fromkeys(zip(votes["target"], votes["view"], strict=True)):
        yield (
            (str(target), str(view)),
            votes.loc[(votes["target"] == target) & (votes["view"] == view)],
        )


def vote_table(votes: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """A row per method (and NONE where it was chosen), a column per view and target: how often.

    This is Table 2 of Storås 2025 where the best map was picked; of pairs it counts those won, of
    ratings how many there are.
    """
    names = [*methods, *([NONE] if (votes["choice"] == NONE).any() else [])]
    counts = {
        (view, target): part["choice"].value_counts().reindex(names, fill_value=0)
        for (target, view), part in columns_of(votes)
    }
    return _table(counts, names)


def counts_table(counts: pd.DataFrame) -> pd.DataFrame:
    """The same of published sums."""
    names = [*dict.fromkeys(counts["method"])]
    by_column = {
        (view, target): pd.Series(part["votes"].to_numpy(int), part["method"]).reindex(
            names, fill_value=0
        )
        for (target, view), part in columns_of(counts)
    }
    return _table(by_column, names)


def _table(columns: Mapping[tuple[str, str], pd.Series], names: Sequence[str]) -> pd.DataFrame:
    """Columns of two levels, all targets of a view beside each other."""
    views = [*dict.fromkeys(view for view, _ in columns)]
    order = sorted(columns, key=lambda column: views.index(column[0]))
    table = pd.DataFrame({column: columns[column] for column in order}, index=pd.Index(names))
    return table.astype(int).rename_axis("method").rename_axis(["view", "target"], axis=1)


def votes_panel(votes: pd.DataFrame, methods: Sequence[str], shown: int, seed: int = 0) -> Panel:
    """The votes of one target and view: a number per method and ECG, mean over its decisions.

    Plausibility, never averaged with what the network uses.
    """
    protocol, view = votes["protocol"].iloc[0], votes["view"].iloc[0]
    records = sorted({*votes["ecg"]})
    numbers = {name: _per_ecg(votes, name, records)[None] for name in methods}
    label, explained = WHAT[protocol]
    chance = {"pick": 1 / shown, "pair": 0.5}.get(protocol)
    measure = Measure("votes", label, "", True, "plausibility", SOURCE, explained, chance)
    details, notes = {}, ()
    if protocol == "pair":
        found = strengths(votes, methods, seed)
        details["bradley_terry"] = found.table
        notes = (f"Bradley–Terry: {found.note}.",) if found.note else ()
    return Panel(
        experiment=f"votes_{view}",
        question="Which maps do experts prefer?",
        source=SOURCE,
        measures=(measure,),
        scores={"votes": numbers},
        records=records,
        patients=records,
        seed=seed,
        sentence=_sentence(numbers, protocol, len(votes), records, seed) + _of_none(votes),
        notes=notes,
        details=details,
    )


def _per_ecg(votes: pd.DataFrame, method: str, records: Sequence[str]) -> Float[np.ndarray, " ecg"]:
    """Mean over the decisions on an ECG in which the method could win; NaN where there are none."""
    protocol = votes["protocol"].iloc[0]
    there = votes
    if protocol == "rate":
        there = votes.loc[votes["choice"] == method]
    elif protocol == "pair":
        there = votes.loc[(votes["choice"] == method) | (votes["other"] == method)]
    won = there["rating"] if protocol == "rate" else there["choice"] == method
    means = there.assign(won=won.astype(float)).groupby("ecg")["won"].mean()
    return means.reindex([*records]).to_numpy(float)


def _of_none(votes: pd.DataFrame) -> str:
    """How often no map was useful, which "most often" would hide; "" where it never was."""
    share = float((votes["choice"] == NONE).mean())
    return f" In {percent(share)} of them no map was useful." if share else ""


def _sentence(
    numbers: dict[str, Float[np.ndarray, "1 ecg"]],
    protocol: str,
    decisions: int,
    records: Sequence[str],
    seed: int,
) -> str:
    """Who leads, and who cannot be told from it."""
    values = np.stack([*numbers.values()])
    there: Bool[np.ndarray, " ecg"] = np.asarray(np.isfinite(values).all((0, 1)))
    names, kept = [*numbers], values[:, :, there]
    used = [record for record, keep in zip(records, there, strict=True) if keep]
    if len(used) < 2:
        return (
            f"{decisions} decisions on {len(used)} ECGs that show every method: too few to order."
        )
    drawn = sampling(1, len(names), used, seed)
    best, tied = trusted(names, kept, np.ones(len(names), bool), drawn)
    value = float(kept[names.index(str(best))].mean())
    led = {
        "pick": f"chose {best} most often ({percent(value)})",
        "rate": f"rated {best} highest (mean {fixed(value, 2)} of 5)",
        "pair": f"preferred {best} most often ({percent(value)} of its comparisons)",
    }[protocol]
    also = f"; it cannot be told from {', '.join(tied)}" if tied else ""
    return f"In {decisions} decisions experts {led}{also}."

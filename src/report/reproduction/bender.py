"""Bender 2023: its three findings for every method, from relevance findings."""

from collections.abc import Sequence

import pandas as pd

from ...eval import Finding
from ..keys import unique_key
from ..style import style
from ..text.numerals import number
from .experiments import drawings, labelled, learned, of_evaluation
from .part import Part, Table
from .printed import printed_bender

LEADS = 3  # most of the relevance of a group is named for these
FIGURES = ("average-beat", "waves", "leads", "output")


def bender(findings: Sequence[Finding]) -> list[Part]:
    """The parts of the page. Raises ValueError for no relevance."""
    found = of_evaluation(findings, "relevance")
    if not found:
        raise ValueError("expected relevance as in Bender 2023, got none: no job has finished")
    every = pd.concat([_of(each) for each in found], ignore_index=True)
    parts = [_said(every, name) for name in dict.fromkeys(every["finding"])]
    leads = pd.concat([_leads(each) for each in found], ignore_index=True)
    caption = (
        f"The {LEADS} leads with most |relevance| of each method, class and group, on each data "
        "set by each network. Which leads the advice names is not in the abstract."
    )
    words = (f"The abstract: “{printed_bender()['leads']}”.",)
    by_lead = Table("leads", caption, leads, labelled(leads))
    return [
        *parts,
        Part("Leads", (by_lead,), (), words),
        Part("Figures", (), drawings(found, FIGURES)),
    ]


def _of(finding: Finding) -> pd.DataFrame:
    """The judged findings, with the data and the number of ECGs that the network learned from."""
    return finding.details["findings"].assign(**learned(finding))


def _said(every: pd.DataFrame, name: str) -> Part:
    rows = every.loc[every["finding"] == name]
    lines = [
        {
            "method": style(row["method"]).label,
            "class": row["explained"],
            "data": row["data"],
            "learned from": row["learned from"],
            "ECGs": row["ecgs"],
            "value [95 %]": f"{number(row['value'])} [{number(row['low'])}, {number(row['high'])}]",
            "line": row["line"],
            "verdict": row["verdict"],
        }
        for row in rows.to_dict("records")
    ]
    own = rows.loc[rows["kind"] == "method"]
    counts = own["verdict"].value_counts()
    words = (
        f"The abstract: “{printed_bender()[name]}”.",
        f"Verdicts on {len(own)} rows of a method: "
        + "; ".join(f"{verdict} {count}" for verdict, count in counts.items())
        + ".",
    )
    caption = (
        "The number that is judged with its interval, the line it is judged against, and the "
        "verdict (docs/relevance.md)."
    )
    key = unique_key(name, ())
    return Part(name, (Table(key, caption, rows, pd.DataFrame(lines)),), (), words)


def _leads(finding: Finding) -> pd.DataFrame:
    table = finding.details["by_lead"]
    twelve = table.loc[(table["kind"] == "method") & (table["leads"] == table["leads"].max())]
    rows = []
    for keys, group in twelve.groupby(["explained", "method", "group"], sort=False):
        first = group.sort_values("share", ascending=False).head(LEADS)
        named = ", ".join(f"{row['lead']} {row['share']:.0%}" for row in first.to_dict("records"))
        rows.append(
            dict(zip(("explained", "method", "group"), keys, strict=True))
            | learned(finding)
            | {"leads": named}
        )
    return pd.DataFrame(rows)

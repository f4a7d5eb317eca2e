"""Relevance outside the heart's signal. No truth is needed, only the ECGs and their maps."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ....explain import controls
from ...evaluation import Evaluation
from ...finding import Finding
from ...heatmaps.explained import explained, left_out, linter_notes
from ...measures.per_ecg import stacked
from ...networks import Networks
from ...statistics.estimates import Patients
from ...subject import Subject
from .audit import audit, flags
from .measures import MEASURES, with_chance
from .rule import ODDS

QUESTION = "Is there relevance outside the heart's signal: does the network use a shortcut?"
SOURCE = "own definition; in the spirit of Lapuschkin et al. 2019, who found cheating by relevance"
RULE = (
    f"suspicious: a point there has significantly more than {ODDS:g} times the relevance of one "
    "elsewhere (95 % interval over patients); written before anything was measured"
)


@dataclass(frozen=True)
class Shortcuts(Evaluation):
    """The audit of the first network; details: `flags`, from share − limit of each ECG."""

    name = "shortcuts"
    question = QUESTION
    source = SOURCE
    every_network = False

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The share of relevance in each place and band without a heart."""
        net, ecgs = networks.nets[0], subject.ecgs
        linted = linter_notes({"the network": net}, subject)
        made = explained(net, subject, "the network")
        found = audit(made.maps, ecgs.x.cpu().numpy(), ecgs.segments.cpu().numpy())
        table = flags(found, Patients(subject.patients, subject.seed))
        absent = [MEASURES[name].label for name in MEASURES if name not in found.shares]
        return Finding(
            self.about(networks, subject),
            measures=tuple(
                with_chance(name, float(np.nanmean(found.expected[name]))) for name in found.shares
            ),
            scores=stacked([found.shares]),
            sentence=in_words(table, len(subject.records)),
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
    methods, phrases = table.loc[~table["method"].isin(controls())], []
    for name in dict.fromkeys(methods["measure"]):
        judged = methods.loc[methods["measure"] == name]
        rows = judged.loc[judged["flag"] == "suspicious"].to_dict("records")
        if rows:
            most = max(rows, key=lambda row: row["share"])
            phrases.append(
                f"{MEASURES[name].label} ({len(rows)} of {len(judged)} methods, up to "
                f"{100 * most['share']:.0f}\u00a0% of {most['method']}, by chance "
                f"{100 * most['expected']:.0f}\u00a0%)"
            )
    unsure = int((methods["flag"] == "cannot be said").sum())
    rest = f" Of {unsure} of {len(methods)} shares it cannot be said." if unsure else ""
    if not phrases:
        return f"On {ecgs} ECGs no share of relevance is shown to be suspicious.{rest}"
    return f"On {ecgs} ECGs relevance is suspicious in: {'; '.join(phrases)}.{rest}"

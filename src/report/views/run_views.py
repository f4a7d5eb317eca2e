"""The views of a run's findings, made once for its page, the terminal and W&B."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...datamodules import all_may_leave
from ...eval import Finding
from ..privacy.pseudonyms import Pseudonyms
from ..privacy.shareable import shareable
from .perturbation import PerturbationView, perturbation_views
from .view import View
from .views import views

# Those of evaluation=perturbation: each sees what the other misses (docs/meta_evaluation.md).
DECIDING = ("default", "noise_10")


@dataclass(frozen=True)
class RunViews:
    """The findings of a run or sweep, a view for each ranking, and one for each other finding."""

    findings: Sequence[Finding]
    ranked: Sequence[PerturbationView]
    others: Sequence[View]

    @property
    def stay(self) -> bool:
        """Whether ECGs of one finding at least may not leave this machine."""
        return not all(all_may_leave(each.facts) for each in self.findings)


def decides(view: PerturbationView) -> bool:
    """Whether the protocol of this ranking is one of those that have to agree."""
    return view.finding.curves[0].protocol.name in DECIDING


def deciding_first(views: Sequence[PerturbationView]) -> list[PerturbationView]:
    """Views whose protocols decide, then the others, each in their order."""
    return sorted(views, key=decides, reverse=True)


def run_views(findings: Sequence[Finding], names: Pseudonyms) -> RunViews:
    """The views of these findings; ECGs that may not leave this machine have `names`.

    Rankings by a protocol that decides come first: pictures on top of a page are of the first.
    """
    shown = [shareable(each, names) for each in findings]
    ranked = deciding_first(perturbation_views([each for each in shown if each.curves]))
    return RunViews(findings, ranked, views([each for each in shown if not each.curves]))

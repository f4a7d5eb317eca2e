"""The views of a run's findings, made once for its page, the terminal and W&B."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ...datamodules import all_may_leave
from ...eval import Answer, Finding, answers_of, decides
from ..privacy.pseudonyms import Pseudonyms
from ..privacy.shareable import shareable
from .perturbation import PerturbationView, perturbation_views
from .view import View
from .views import views


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

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Answer for each set of networks and target, in the order of their first views."""
        return answers_of([each.finding for each in (*self.ranked, *self.others)])

    @property
    def groups(self) -> list[tuple[Answer, list[PerturbationView]]]:
        """Each answer with the rankings on its networks and target."""
        return [
            (answer, [view for view in self.ranked if answer.is_about(view.finding)])
            for answer in self.answers
        ]


def run_views(findings: Sequence[Finding], names: Pseudonyms) -> RunViews:
    """The views of these findings; ECGs that may not leave this machine have `names`.

    Rankings by a protocol that decides come first: pictures on top of a page are of the first.
    """
    shown = [shareable(each, names) for each in findings]
    ranked = perturbation_views([each for each in shown if each.curves])
    ranked.sort(key=lambda view: decides(view.finding), reverse=True)
    return RunViews(findings, ranked, views([each for each in shown if not each.curves]))

"""The one method whose heatmap a run supports for a single ECG, by the rule of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..style import style
from ..views.perturbation import PerturbationView
from ..views.run_views import RunViews
from .cards import answers_of, level_of
from .deciding import deciding, protocols
from .words import LEVELS, USES, AnswerWords

NO_RANKING = "This run has no perturbation evaluation, so that no method was judged."


@dataclass(frozen=True)
class Supported:
    """The method to show, "" for none, with the reason in sentences.

    `level` is the level of the null ladder that it reached ("" for none), `number` its number from
    1 on, `command` the command that would test what is untested ("" for none).
    """

    method: str
    reason: str
    level: str = ""
    number: int = 0
    command: str = ""
    tested_on: str = ""


def supported(run: RunViews) -> Supported:
    """The strongest method that the answer (answer.words) says to use; none where there is none.

    The findings are all of one network, or of networks that differ in their seed. The strongest is
    the first in the ranking by the first protocol that decides.
    """
    sections = run.ranked
    if not sections:
        return Supported("", NO_RANKING)
    answers = answers_of(sections, run.others)
    names = [name for name in deciding(sections)[0].ranking.names if name in answers]
    names += [name for name in answers if name not in names]
    if not names:
        return Supported("", "No method could explain this network.")
    best = min(names, key=lambda name: USES.index(answers[name].use))
    if answers[best].use != "use":
        return _none(best, answers)
    level = level_of(sections, best) or ""
    return Supported(
        method=best,
        reason=answers[best].reason,
        level=level,
        number=LEVELS.index(level) + 1,
        command=answers[best].command,
        tested_on=_tested_on(sections),
    )


def _none(best: str, answers: dict[str, AnswerWords]) -> Supported:
    """Why none is shown, by the method that comes nearest to it."""
    answer, count = answers[best], len(answers)
    of = f"None of the {count} methods is supported" if count > 1 else "No method is supported"
    reason = f"{of} by this run. {style(best).label}: {answer.use}. {answer.reason}"
    return Supported("", reason, command=answer.command)


def _tested_on(sections: Sequence[PerturbationView]) -> str:
    """The ECGs and protocols of the ranking, such as "64 ECGs (default protocol)"."""
    return f"{sections[0].ranking.ecgs} ECGs ({', '.join(protocols(sections))})"

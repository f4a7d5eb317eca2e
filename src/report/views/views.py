"""The sections of experiments, in the order of their answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ...eval import Answer, Panel, Unanswered
from ..findings import FindingSection
from ..keys import unique_key
from ..panels import PanelSection
from .not_applicable import UnansweredSection
from .view import AnswerSection

KINDS: dict[type, type[AnswerSection]] = {Panel: PanelSection, Unanswered: UnansweredSection}


def answer_sections(answers: Sequence[Answer]) -> list[AnswerSection]:
    """A section for each answer, with a key of its own."""
    sections: list[AnswerSection] = []
    for answer in answers:
        explained = f" {answer.target.explained}" if answer.target.classes else ""
        of = f"{answer.target.name}{explained} {answer.input} {answer.finding.experiment}"
        key = unique_key(of, {section.key for section in sections})
        kind = KINDS.get(type(answer.finding), FindingSection)
        sections.append(kind(key, answer))
    titles = Counter(section.title for section in sections)
    return [
        section if titles[section.title] == 1 else replace(section, differing=section.network)
        for section in sections
    ]

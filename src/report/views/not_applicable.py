"""A section of the report for a question that could not be asked."""

from collections.abc import Mapping
from typing import ClassVar

from matplotlib.figure import Figure

from .agreement import TITLES as FINDINGS
from .measures import TITLES as PANELS
from .view import AnswerSection


class UnansweredSection(AnswerSection):
    """The reason alone."""

    titles: ClassVar[Mapping[str, str]] = {**FINDINGS, **PANELS}
    template: ClassVar[str] = "unanswered.html"

    def drawn(self) -> Mapping[str, Figure]:
        """Nothing."""
        return {}

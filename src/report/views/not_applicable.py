"""The view of an evaluation that does not apply."""

from collections.abc import Mapping
from typing import ClassVar

from matplotlib.figure import Figure

from .view import View


class NotApplicableView(View):
    """The reason alone."""

    template: ClassVar[str] = "not_applicable.html"

    def drawn(self) -> Mapping[str, Figure]:
        """No figure."""
        return {}

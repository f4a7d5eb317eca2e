"""View of `evaluation=measure` in the report of a run: dose and response."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ecglens.report import MeasuresView
from matplotlib.figure import Figure

from .content import curves_of
from .drawing import gains_figure
from .evaluation import own_doses


class DoseResponseView(MeasuresView):
    """Curves of the doses that move the reading furthest; all numbers are in the tables."""

    leads: ClassVar[bool] = True
    captions: ClassVar[Mapping[str, str]] = {
        "gains": "Change of the reading (vertical) by measured dose, mean with its 95 % interval; "
        "all panels have one scale. Dotted, for what is read: a gain of 1."
    }

    def drawn(self) -> Mapping[str, Figure]:
        """The curves."""
        about, details = self.finding.about, self.finding.details
        own = own_doses(about.target)
        gains = details["gains"]
        named = gains["output"] == about.target.explained
        drawn = curves_of(gains.loc[named] if named.any() else gains, own)
        figure = gains_figure({"": details["responses"]}, drawn, own, about.target.unit)
        return {} if figure is None else {"gains": figure}

    def shown(self) -> dict[str, Any]:
        """Values for the template; doses have no table of methods."""
        return super().shown() | {"measures": []}

"""Curves of methods to an order, in numbers and in words."""

from typing import TYPE_CHECKING

from ...extras import lazy

if TYPE_CHECKING:
    from .finding import experiment
    from .ladder import COMPARED, harder_to_beat, level_name, paired_areas
    from .outcome import (
        agree,
        areas,
        errors,
        mean_curves,
        of_the_mean,
        side_by_side,
        usable,
        usable_patients,
    )
    from .ranking import MARGIN
    from .strata import strata

__getattr__, __dir__, __all__ = lazy(__name__)

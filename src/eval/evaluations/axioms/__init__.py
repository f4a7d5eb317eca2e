"""Properties every map should have (Sundararajan 2017, Yeh 2019, Kindermans 2019)."""

from .axioms import Axioms
from .numbers import alike, completeness_gap, removed, scaled_infidelity

__all__ = ["Axioms", "alike", "completeness_gap", "removed", "scaled_infidelity"]

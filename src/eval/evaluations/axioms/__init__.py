"""Properties every map should have (Sundararajan 2017, Yeh 2019, Kindermans 2019)."""

from .axioms import Axioms

__all__ = ["Axioms"]

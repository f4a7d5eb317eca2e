"""What a map owes whatever the network is (Sundararajan 2017, Yeh 2019, Kindermans 2019)."""

from .axioms import axioms
from .experiment import Axioms

__all__ = ["Axioms", "axioms"]

"""Perturbation: the output while points and segments are changed in the order of a map."""

from .curves import predictions
from .evaluation import Perturbation
from .rung_curves import prior_region

# The default protocol as an evaluation (docs/perturbation.md).
DEFAULT_PERTURBATION = Perturbation()

__all__ = ["DEFAULT_PERTURBATION", "Perturbation", "predictions", "prior_region"]

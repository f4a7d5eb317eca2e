"""How far the output moves when a wave or one label of an ECG changes, and what maps predict."""

from .by_wave import Effects
from .counterfactuals import Counterfactuals

__all__ = ["Counterfactuals", "Effects"]

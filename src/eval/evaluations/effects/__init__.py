"""Change of the output when a wave or a label of an ECG changes, and what maps predict."""

from .by_wave import Effects
from .counterfactuals import Counterfactuals

__all__ = ["Counterfactuals", "Effects"]

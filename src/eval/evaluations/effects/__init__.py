"""How far the output moves when a wave or one label of an ECG changes; had the map said so?"""

from .by_wave import effects
from .counterfactuals import counterfactuals
from .experiments import Counterfactuals, Effects

__all__ = ["Counterfactuals", "Effects", "counterfactuals", "effects"]

"""Input that a user's network wants, and the network behind that preparation."""

from .adapted import Adapted
from .declared import NORMALISATIONS, UNITS
from .input_spec import InputSpec
from .normalisation import Normalisation
from .with_each import WithEach, checked_others

__all__ = [
    "NORMALISATIONS",
    "UNITS",
    "Adapted",
    "InputSpec",
    "Normalisation",
    "WithEach",
    "checked_others",
]

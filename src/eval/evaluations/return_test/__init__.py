"""Return test: does a signed map say what makes this ECG's reading differ from the typical one?"""

from .evaluation import DEVIATION, MEASURES, ReturnTest
from .table import NO_TEMPLATE, largest_p, sentence, shown, template_p
from .typical import FILLS, NULLS, PATIENTS, STEPS, Null, level, return_chunks, typical_of

__all__ = [
    "DEVIATION",
    "FILLS",
    "MEASURES",
    "NO_TEMPLATE",
    "NULLS",
    "PATIENTS",
    "STEPS",
    "Null",
    "ReturnTest",
    "largest_p",
    "level",
    "return_chunks",
    "sentence",
    "shown",
    "template_p",
    "typical_of",
]

"""Words for numbers: names, units, cautions, quality and facts."""

from .numerals import counted, fixed, number, percent
from .words import INPUTS, OUTCOMES, auc_label, reading, target_words

__all__ = [
    "INPUTS",
    "OUTCOMES",
    "auc_label",
    "counted",
    "fixed",
    "number",
    "percent",
    "reading",
    "target_words",
]

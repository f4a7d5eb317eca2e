"""Words for numbers: names, units, cautions, quality and facts."""

from .numerals import fixed, number, percent
from .words import auc_label, target_words

__all__ = [
    "auc_label",
    "fixed",
    "number",
    "percent",
    "target_words",
]

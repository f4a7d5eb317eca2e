"""Words for numbers: names, units, cautions, quality and facts."""

from .numerals import MINUS, counted, fixed, generated, number, percent, sampled, seen
from .quality import METRICS, class_name, external_of, external_sentence, fit_of, fit_sentence
from .words import (
    INPUTS,
    OUTCOMES,
    PROGRAMS,
    TARGETS,
    auc_label,
    disturbed,
    heading,
    reading,
    rules_words,
    target_words,
)

__all__ = [
    "INPUTS",
    "METRICS",
    "MINUS",
    "OUTCOMES",
    "PROGRAMS",
    "TARGETS",
    "auc_label",
    "class_name",
    "counted",
    "disturbed",
    "external_of",
    "external_sentence",
    "fit_of",
    "fit_sentence",
    "fixed",
    "generated",
    "heading",
    "number",
    "percent",
    "reading",
    "rules_words",
    "sampled",
    "seen",
    "target_words",
]

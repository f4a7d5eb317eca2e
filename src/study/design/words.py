"""What an expert reads of a target and of what the network said."""

import math

from scipy.special import expit

from ...datamodules import Target
from ...report.text.numerals import number, percent
from ...report.text.words import target_words

# As it is said in a sentence to a cardiologist; `report.words.TARGETS` are parts of compounds.
TARGETS = {
    "pr": "PR interval",
    "qrs": "QRS duration",
    "qt": "QT interval",
    "r": "R amplitude",
    "j": "J amplitude",
    "t": "T amplitude",
    "rate": "heart rate",
}


def asked(target: Target) -> str:
    """Such as "PR interval", "R amplitude in V5" or "atrial fibrillation (af)"."""
    if target.name not in TARGETS:
        return target_words(target)
    return TARGETS[target.name] + (f" in {target.lead}" if target.lead else "")


def said(target: Target, prediction: float) -> str:
    """The prediction in the target's unit, of a logit its probability; "" where it is NaN."""
    if math.isnan(prediction):
        return ""
    if target.kind == "binary":
        return f"probability {percent(expit(prediction))}"
    return f"{number(prediction)} {target.unit}".rstrip()

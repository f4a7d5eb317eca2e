"""Target and prediction as an expert reads them."""

import math

from ecglens.datamodules import Target
from ecglens.report.text import number, percent, target_words
from scipy.special import expit

# Full names for a cardiologist; `report.text.words.TARGETS` has the short forms for compounds.
TARGETS = {
    "pr": "PR interval",
    "qrs": "QRS duration",
    "qt": "QT interval",
    "r": "R amplitude",
    "j": "J amplitude",
    "t": "T amplitude",
    "rate": "heart rate",
}


def target_title(target: Target) -> str:
    """Target's name, such as "PR interval", "R amplitude in V5" or "atrial fibrillation (af)"."""
    if target.name not in TARGETS:
        return target_words(target)
    return TARGETS[target.name] + (f" in {target.lead}" if target.lead else "")


def prediction_text(target: Target, prediction: float) -> str:
    """Prediction with its unit; for a logit its probability; "" for NaN."""
    if math.isnan(prediction):
        return ""
    if target.kind == "binary":
        return f"probability {percent(expit(prediction))}"
    return f"{number(prediction)} {target.unit}".rstrip()

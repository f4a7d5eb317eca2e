"""Networks, the units around them, and the LightningModule that fits them."""

from .reference import ReferenceResNet
from .regression import Predictions, Regression
from .units import InUnits

__all__ = ["InUnits", "Predictions", "ReferenceResNet", "Regression"]

"""Networks, the units around them, and the LightningModule that fits them."""

from .network_key import network_key
from .reference import ReferenceResNet
from .regression import Regression
from .small import SmallResNet
from .units import InUnits

__all__ = [
    "InUnits",
    "ReferenceResNet",
    "Regression",
    "SmallResNet",
    "network_key",
]

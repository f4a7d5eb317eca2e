"""Networks, the units around them, and the LightningModules that fit them."""

from .classification import Classification
from .fitting import Fitting
from .network_key import network_key
from .one_output import OneOutput
from .randomised import device_of, layers, randomised
from .reference import ReferenceResNet
from .regression import Regression
from .small import SmallResNet
from .units import InUnits

__all__ = [
    "Classification",
    "Fitting",
    "InUnits",
    "OneOutput",
    "ReferenceResNet",
    "Regression",
    "SmallResNet",
    "device_of",
    "layers",
    "network_key",
    "randomised",
]

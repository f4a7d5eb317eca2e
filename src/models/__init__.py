"""Networks, the units around them, and the LightningModules that fit them."""

from .classification import Classification
from .fitting import Fitting
from .network_key import network_key
from .randomised import device_of, layers, randomised
from .reference import ReferenceResNet
from .regression import Regression
from .small import SmallResNet
from .spec import NORMALISATIONS, Adapted, InputSpec, Normalisation
from .units import InUnits
from .weights import load_weights

__all__ = [
    "NORMALISATIONS",
    "Adapted",
    "Classification",
    "Fitting",
    "InUnits",
    "InputSpec",
    "Normalisation",
    "ReferenceResNet",
    "Regression",
    "SmallResNet",
    "device_of",
    "layers",
    "load_weights",
    "network_key",
    "randomised",
]

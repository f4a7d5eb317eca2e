"""Networks, the units around them, and the LightningModules that fit them."""

from .as_network import as_network
from .classification import Classification
from .fitting import Fitting
from .network_key import network_key
from .programs import load_program
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
    "as_network",
    "device_of",
    "layers",
    "load_program",
    "load_weights",
    "network_key",
    "randomised",
]

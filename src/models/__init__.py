"""Networks, the units around them, and the LightningModules that fit them."""

from .fitting import Classification, Fitting, Regression
from .programs import as_network, load_program
from .randomised import device_of, layers, network_key, randomised
from .reference import ReferenceResNet
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

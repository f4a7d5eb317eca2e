"""Networks, the units around them, and the LightningModules that fit them."""

from typing import TYPE_CHECKING

from ..extras import lazy
from .model_file import ModelFile, is_model_file
from .programs import as_network, load_program
from .randomised import device_of, layers, network_key, randomised
from .reference import ReferenceResNet
from .small import SmallResNet
from .spec.adapted import Adapted
from .spec.declared import NORMALISATIONS
from .spec.input_spec import InputSpec
from .spec.normalisation import Normalisation
from .spec.with_each import WithEach, checked_others
from .start import Start, begin, body_like, start_of
from .units import InUnits
from .weights import load_weights

if TYPE_CHECKING:
    from .fitting import Classification, Fitting, Regression

# Lightning takes 1.4 s, and only a fit needs it.
__getattr__, _, _ = lazy(__name__, {"fitting": "Classification Fitting Regression"})

__all__ = [
    "NORMALISATIONS",
    "Adapted",
    "Classification",
    "Fitting",
    "InUnits",
    "InputSpec",
    "ModelFile",
    "Normalisation",
    "ReferenceResNet",
    "Regression",
    "SmallResNet",
    "Start",
    "WithEach",
    "as_network",
    "begin",
    "body_like",
    "checked_others",
    "device_of",
    "is_model_file",
    "layers",
    "load_program",
    "load_weights",
    "network_key",
    "randomised",
    "start_of",
]

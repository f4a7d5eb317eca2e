"""Networks, the units around them, and the LightningModules that fit them."""

from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
    from .fitting import Classification, Fitting, Regression
    from .model_file import ModelFile, is_model_file
    from .programs import as_network, load_program
    from .randomised import device_of, layers, network_key, randomised
    from .reference import ReferenceResNet
    from .small import SmallResNet
    from .spec.adapted import Adapted
    from .spec.declared import NORMALISATIONS
    from .spec.input_spec import InputSpec, adapted_to
    from .spec.normalisation import Normalisation
    from .spec.with_each import UnknownEcg, WithEach, checked_others
    from .start import Start, begin, body_like, start_of
    from .units import InUnits
    from .weights import load_weights

__getattr__, __dir__, __all__ = lazy(__name__)

"""The same as the commands, from Python: functions on networks and ECGs, without Hydra."""

from .evaluate import evaluate
from .evaluations import evaluations_of
from .fit import fit
from .networks import as_it_is, errors_of, fresh_module, full_precision, training_module
from .quiet import quiet

__all__ = [
    "as_it_is",
    "errors_of",
    "evaluate",
    "evaluations_of",
    "fit",
    "fresh_module",
    "full_precision",
    "quiet",
    "training_module",
]

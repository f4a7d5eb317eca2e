"""The same as the commands, from Python: functions on networks and ECGs, without Hydra."""

from .evaluate import evaluate
from .evaluations import evaluations_of
from .fit import fit
from .networks import as_it_is, errors_of, fresh_module, full_precision, own_of, training_module
from .quiet import quiet
from .sheets import explain_records

__all__ = [
    "as_it_is",
    "errors_of",
    "evaluate",
    "evaluations_of",
    "explain_records",
    "fit",
    "fresh_module",
    "full_precision",
    "own_of",
    "quiet",
    "training_module",
]

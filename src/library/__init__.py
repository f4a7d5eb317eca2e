"""The same as the commands, from Python: functions on networks and ECGs, without Hydra."""

from .benchmark import Recorded, benchmark
from .evaluate import evaluate
from .evaluations import evaluations_of
from .fit import fit
from .networks import as_it_is, errors_of, fresh_module, full_precision, own_of, training_module
from .quiet import quiet
from .sheets import explain_records
from .study import POOL, create_study, study_input, study_maps

__all__ = [
    "POOL",
    "Recorded",
    "as_it_is",
    "benchmark",
    "create_study",
    "errors_of",
    "evaluate",
    "evaluations_of",
    "explain_records",
    "fit",
    "fresh_module",
    "full_precision",
    "own_of",
    "quiet",
    "study_input",
    "study_maps",
    "training_module",
]

"""The same as the commands, from Python: functions on networks and ECGs, without Hydra."""

from ..former import handed_on
from ..inputs import own_of
from .api import evaluate, fit
from .networks import (
    as_it_is,
    errors_of,
    evaluations_of,
    fresh_body,
    fresh_net,
    readings_of,
    same_reading,
    start_for,
    train,
    training_module,
    with_columns,
)

__getattr__ = handed_on(__name__, {"explain_records": "ecglens_sheets"})

__all__ = [
    "as_it_is",
    "errors_of",
    "evaluate",
    "evaluations_of",
    "fit",
    "fresh_body",
    "fresh_net",
    "own_of",
    "readings_of",
    "same_reading",
    "start_for",
    "train",
    "training_module",
    "with_columns",
]

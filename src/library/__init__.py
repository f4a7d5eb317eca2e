"""The same as the commands, from Python: functions on networks and ECGs, without Hydra."""

from ..inputs import own_of
from .api import evaluate, explain_records, fit
from .networks import (
    as_it_is,
    errors_of,
    evaluations_of,
    fresh_body,
    fresh_net,
    train,
    training_module,
)

__all__ = [
    "as_it_is",
    "errors_of",
    "evaluate",
    "evaluations_of",
    "explain_records",
    "fit",
    "fresh_body",
    "fresh_net",
    "own_of",
    "train",
    "training_module",
]

"""The same as the commands, from Python: functions on networks and ECGs, without Hydra."""

from typing import TYPE_CHECKING

from ..extras import lazy
from ..former import handed_on

if TYPE_CHECKING:
    from ..inputs import own_of
    from .api import evaluate, fit
    from .networks import (
        TABLE,
        as_it_is,
        check_evaluations,
        errors_of,
        evaluations_of,
        fresh_body,
        fresh_net,
        plain_trainer,
        quiet,
        readings_of,
        same_reading,
        start_for,
        train,
        training_module,
        with_columns,
        with_table,
    )

load, __dir__, __all__ = lazy(__name__)
__getattr__ = handed_on(__name__, {"explain_records": "ecglens_sheets"}, load)

"""The audit pack: what a reviewer is handed of a finished run.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .pack import audit

# Forms that a run fills in part, in the order of the page.
SCORECARD, FUTURE_AI, TRIPOD = FORMS = ("fda-scorecard", "future-ai", "tripod-ai")

__getattr__, __dir__, __all__ = lazy(__name__)

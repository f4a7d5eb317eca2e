"""One sheet per ECG: what a network reads from it, how wrong it may be, and a heatmap if any.

Names load on first use, so that `ecglens explain --help` stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .content import EcgSheet, Supported, TrainingRange
    from .known import KnownNetwork, evaluated, known_of, unevaluated
    from .library import explain_records
    from .write import SheetWriter, Written, write_sheets

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "content": "EcgSheet Supported TrainingRange",
        "known": "KnownNetwork evaluated known_of unevaluated",
        "library": "explain_records",
        "write": "SheetWriter Written write_sheets",
    },
)

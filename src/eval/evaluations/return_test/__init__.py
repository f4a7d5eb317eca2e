"""Return test: does a signed map say what makes this ECG's reading differ from the typical one?"""

from typing import TYPE_CHECKING

from ....extras import lazy

if TYPE_CHECKING:
    from .evaluation import DEVIATION, MEASURES, ReturnTest
    from .table import NO_TEMPLATE, largest_p, sentence, shown, template_p
    from .typical import FILLS, NULLS, PATIENTS, STEPS, Null, level, return_chunks, typical_of

__getattr__, __dir__, __all__ = lazy(__name__)

"""Words for numbers: names, units, cautions, quality and facts."""

from typing import TYPE_CHECKING

from ...extras import lazy

if TYPE_CHECKING:
    from .numerals import MINUS, counted, fixed, generated, number, percent, sampled, seen
    from .quality import (
        METRICS,
        class_name,
        external_of,
        external_sentence,
        fit_of,
        fit_of_class,
        fit_sentence,
        warnings_of_quality,
    )
    from .words import (
        INPUTS,
        OUTCOMES,
        PROGRAMS,
        TARGETS,
        auc_label,
        disturbed,
        heading,
        level_words,
        makers,
        reading,
        record_words,
        rules_words,
        target_words,
    )

__getattr__, __dir__, __all__ = lazy(__name__)

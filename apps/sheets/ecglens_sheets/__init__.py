"""One sheet per ECG: what a network reads from it, how wrong it may be, and a heatmap if any.

Names load on first use, so that `ecglens explain --help` stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .command import setting_of
    from .content import EcgSheet, Supported, TrainingRange, limits_of_agreement
    from .ecgs import PreparedEcg, ecgs_of, sheet_of
    from .files import Given, check_paths, check_reader, open_files
    from .known import KnownNetwork, evaluated, known_of, unevaluated
    from .library import explain_records
    from .measured import EDGES, brackets_of
    from .opened import Opened, not_evaluated, opened_network, opened_run
    from .page import panel_figure, panels
    from .words import NOT_CLINICAL, blocks, caution_of, side_by_side
    from .write import SheetWriter, Written, write_sheets

__getattr__, __dir__, __all__ = lazy(__name__)

"""Numbers and heatmaps to figures, tables and one page; the only room that draws or publishes.

The names load on first use: who ranks methods needs no page.
"""

from typing import TYPE_CHECKING

from ..extras import lazy
from ..former import handed_on

if TYPE_CHECKING:
    from .answer.figure import AnswerFigure, Row, answer_figures
    from .answer.lanes import Lanes
    from .answer.tables import RankingLines, ranking_lines
    from .answer.top import headline
    from .answer.words import SIGNS, across, banner, gates_in_words, protocols, words_of
    from .figures.ecg import twelve_lead_figure
    from .files import (
        cells,
        environment,
        excluded_table,
        own_file,
        tabular,
        unique_key,
        write_file,
        write_table,
    )
    from .library import rank_methods
    from .next_run import Made, command_of
    from .page import write_page, write_report
    from .privacy import Pseudonyms, plain_reason, plain_settings, plain_source, shareable
    from .ranked import RankedNetwork, own_subject
    from .sections import Section, added_sections
    from .style import (
        GREY,
        INK,
        PALETTE,
        RULE,
        TYPE,
        joined,
        listed,
        printed,
        readable_on,
        reads_as,
        style,
    )
    from .text.cautions import cautions_of, score_validation
    from .text.differences import SAME_NUMBERS
    from .text.facts import Exclusion, installed_versions, limitations
    from .views.gallery import origin, telling_lead
    from .views.measures import AgreementView, MeasuresView
    from .views.perturbation import Fold, PerturbationView, perturbation_views
    from .views.view import View, any_number
    from .views.views import VIEWS, RunViews, evaluation_views, first_with_maps, run_views
    from .wandb.log import Content, log_contents, log_findings, log_sweep, log_to_wandb
    from .wandb.opened import Identity, identity, open_wandb, wandb_run

load, __dir__, __all__ = lazy(__name__)

SHEETS = (
    *("EcgSheet", "KnownNetwork", "SheetWriter", "Supported", "TrainingRange"),
    *("evaluated", "unevaluated", "write_sheets"),
)
TEAM = ("save_workspace", "specification", "workspace")
READ = ("Looks", "spoken", "write_preparation")
MOVED = {
    **dict.fromkeys(SHEETS, "ecglens_sheets"),
    **dict.fromkeys(TEAM, "ecglens_compare"),
    **dict.fromkeys(READ, "ecglens_prepare"),
}
__getattr__ = handed_on(__name__, MOVED, load)

"""Numbers and heatmaps to figures, tables and one page; the only room that draws or publishes."""

from ..former import handed_on
from .answer.figure import AnswerFigure, Row, answer_figures
from .answer.lanes import Lanes
from .answer.tables import RankingLines, ranking_lines
from .answer.top import headline
from .answer.words import (
    SIGNS,
    across,
    banner,
    gates_in_words,
    protocols,
    words_of,
)
from .figures.ecg import twelve_lead_figure
from .files import cells, environment, own_file, tabular, unique_key, write_file, write_table
from .library import RankedNetwork, own_subject, rank_methods
from .next_run import Made, command_of
from .page import write_page, write_report
from .preparation import Looks, spoken, write_preparation
from .privacy import Pseudonyms, plain_reason, plain_settings, shareable
from .sections import Section, added_sections
from .style import (
    GREY,
    INK,
    PALETTE,
    RULE,
    TYPE,
    listed,
    printed,
    readable_on,
    reads_as,
    style,
)
from .text.cautions import cautions_of, score_validation
from .text.facts import installed_versions, limitations
from .views.gallery import origin, telling_lead
from .views.measures import MeasuresView
from .views.perturbation import PerturbationView, perturbation_views
from .views.view import View, any_number
from .views.views import VIEWS, RunViews, first_with_maps, run_views
from .views.views import views as evaluation_views
from .wandb.log import Content, log_contents, log_findings, log_to_wandb
from .wandb.opened import SAME_NUMBERS, Identity, identity, open_wandb, wandb_run
from .wandb.workspace import log_sweep, save_workspace, specification, workspace

SHEETS = (
    *("EcgSheet", "KnownNetwork", "SheetWriter", "Supported", "TrainingRange"),
    *("evaluated", "unevaluated", "write_sheets"),
)
__getattr__ = handed_on(__name__, dict.fromkeys(SHEETS, "ecglens_sheets"))

__all__ = [
    "GREY",
    "INK",
    "PALETTE",
    "RULE",
    "SAME_NUMBERS",
    "SIGNS",
    "TYPE",
    "VIEWS",
    "AnswerFigure",
    "Content",
    "Identity",
    "Lanes",
    "Looks",
    "Made",
    "MeasuresView",
    "PerturbationView",
    "Pseudonyms",
    "RankedNetwork",
    "RankingLines",
    "Row",
    "RunViews",
    "Section",
    "View",
    "across",
    "added_sections",
    "answer_figures",
    "any_number",
    "banner",
    "cautions_of",
    "cells",
    "command_of",
    "environment",
    "evaluation_views",
    "first_with_maps",
    "gates_in_words",
    "headline",
    "identity",
    "installed_versions",
    "limitations",
    "listed",
    "log_contents",
    "log_findings",
    "log_sweep",
    "log_to_wandb",
    "open_wandb",
    "origin",
    "own_file",
    "own_subject",
    "perturbation_views",
    "plain_reason",
    "plain_settings",
    "printed",
    "protocols",
    "rank_methods",
    "ranking_lines",
    "readable_on",
    "reads_as",
    "run_views",
    "save_workspace",
    "score_validation",
    "shareable",
    "specification",
    "spoken",
    "style",
    "tabular",
    "telling_lead",
    "twelve_lead_figure",
    "unique_key",
    "wandb_run",
    "words_of",
    "workspace",
    "write_file",
    "write_page",
    "write_preparation",
    "write_report",
    "write_table",
]

"""Numbers and heatmaps to figures, tables and one page; the only room that draws or publishes."""

from .answer.supported import Supported, supported
from .figures.ecg import twelve_lead_figure
from .grouping import grouped
from .keys import unique_key
from .library import RankedNetwork, own_subject, rank_methods
from .own_batches import gathered
from .own_ecgs import ecgs_of
from .own_network import methods_of, outputs_of, own_network
from .page import write_report
from .preparation.page import Looks, spoken, write_preparation
from .privacy.pseudonyms import Pseudonyms
from .privacy.shareable import shareable
from .privacy.withheld import plain_settings
from .self_contained import environment, own_file, write_file
from .sheet import (
    EcgSheet,
    KnownNetwork,
    SheetWriter,
    TrainingRange,
    evaluated,
    unevaluated,
    write_sheets,
)
from .style import GREY, INK, RULE, TYPE, printed, style
from .tables import write_table
from .text.cautions import cautions_of
from .text.facts import installed_versions
from .text.validation import score_validation
from .views.gallery import origin
from .views.measures import MeasuresView
from .views.view import View
from .wandb import log_to_wandb, open_wandb

__all__ = [
    "GREY",
    "INK",
    "RULE",
    "TYPE",
    "EcgSheet",
    "KnownNetwork",
    "Looks",
    "MeasuresView",
    "Pseudonyms",
    "RankedNetwork",
    "SheetWriter",
    "Supported",
    "TrainingRange",
    "View",
    "cautions_of",
    "ecgs_of",
    "environment",
    "evaluated",
    "gathered",
    "grouped",
    "installed_versions",
    "log_to_wandb",
    "methods_of",
    "open_wandb",
    "origin",
    "outputs_of",
    "own_file",
    "own_network",
    "own_subject",
    "plain_settings",
    "printed",
    "rank_methods",
    "score_validation",
    "shareable",
    "spoken",
    "style",
    "supported",
    "twelve_lead_figure",
    "unevaluated",
    "unique_key",
    "write_file",
    "write_preparation",
    "write_report",
    "write_sheets",
    "write_table",
]

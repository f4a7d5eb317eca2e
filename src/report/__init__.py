"""Numbers and heatmaps to figures, tables and one page; the only room that draws or publishes."""

from .grouping import grouped
from .library import RankedNetwork, rank_methods
from .own_network import check_network
from .page import write_report
from .preparation.page import Looks, spoken, write_preparation
from .privacy.pseudonyms import Pseudonyms
from .privacy.withheld import plain_settings
from .text.facts import installed_versions
from .text.validation import score_validation
from .views.measures import MeasuresView
from .views.view import View
from .wandb import log_to_wandb, open_wandb

__all__ = [
    "Looks",
    "MeasuresView",
    "Pseudonyms",
    "RankedNetwork",
    "View",
    "check_network",
    "grouped",
    "installed_versions",
    "log_to_wandb",
    "open_wandb",
    "plain_settings",
    "rank_methods",
    "score_validation",
    "spoken",
    "write_preparation",
    "write_report",
]

"""Numbers and heatmaps to figures, tables and one page; the only room that draws or publishes."""

from .library import RankedNetwork, rank_methods
from .own_network import check_network
from .page import write_report
from .preparation.page import Looks, spoken, write_preparation
from .privacy.pseudonyms import Pseudonyms
from .privacy.withheld import plain_settings
from .text.facts import installed_versions
from .text.validation import on_trial
from .views.perturbation import same_but_seed
from .wandb import log_to_wandb, open_wandb

__all__ = [
    "Looks",
    "Pseudonyms",
    "RankedNetwork",
    "check_network",
    "installed_versions",
    "log_to_wandb",
    "on_trial",
    "open_wandb",
    "plain_settings",
    "rank_methods",
    "same_but_seed",
    "spoken",
    "write_preparation",
    "write_report",
]

"""Experts' votes on heatmaps: ballots, agreement, preference, and votes against scores."""

from .analysis import Analysis, analyse
from .ballot import Ballot
from .folder import Study, import_study, load_study
from .page import write_study
from .plan import Plan, plan, plans
from .simulate import Experts, simulate, simulate_pairs, uneven
from .votes import frame_of, read_votes, write_votes

__all__ = [
    "Analysis",
    "Ballot",
    "Experts",
    "Plan",
    "Study",
    "analyse",
    "frame_of",
    "import_study",
    "load_study",
    "plan",
    "plans",
    "read_votes",
    "simulate",
    "simulate_pairs",
    "uneven",
    "write_study",
    "write_votes",
]

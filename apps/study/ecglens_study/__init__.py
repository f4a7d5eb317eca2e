"""Expert studies: experts judge heatmaps, and their votes are compared with scores.

Names load on first use, so that `ecglens study --help` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .analysis import Analysis, VotesAndScores, analyse
    from .ballots import VIEWS, Ballot, StudyVotes, frame_of
    from .choose import SAMPLINGS
    from .coefficients import (
        Coefficient,
        cohen_kappa,
        gwet_ac1,
        krippendorff_alpha,
        percent_agreement,
    )
    from .csv_files import guesses_text, read_guesses, read_votes, write_votes
    from .drawing import heat_of, sheet_of
    from .folder import (
        Created,
        check_experts,
        check_new,
        create_from_inputs,
        import_study,
        load_study,
        seed_for,
    )
    from .inputs import create_study
    from .page import write_study
    from .planning import (
        Experts,
        SampleSize,
        sample_size,
        sample_sizes,
        simulate,
        simulate_pairs,
        uneven,
    )
    from .settings import Item, Settings, StudyInput
    from .storage.database import Refused
    from .storage.people import ORGANISER
    from .storage.study_storage import StudyStorage
    from .storage.voting import Vote
    from .web.server import serve

__all__ = [
    "ORGANISER",
    "SAMPLINGS",
    "VIEWS",
    "Analysis",
    "Ballot",
    "Coefficient",
    "Created",
    "Experts",
    "Item",
    "Refused",
    "SampleSize",
    "Settings",
    "StudyInput",
    "StudyStorage",
    "StudyVotes",
    "Vote",
    "VotesAndScores",
    "analyse",
    "check_experts",
    "check_new",
    "cohen_kappa",
    "create_from_inputs",
    "create_study",
    "frame_of",
    "guesses_text",
    "gwet_ac1",
    "heat_of",
    "import_study",
    "krippendorff_alpha",
    "load_study",
    "percent_agreement",
    "read_guesses",
    "read_votes",
    "sample_size",
    "sample_sizes",
    "seed_for",
    "serve",
    "sheet_of",
    "simulate",
    "simulate_pairs",
    "uneven",
    "write_study",
    "write_votes",
]
MODULES = {
    "analysis": (
        "Analysis",
        "VotesAndScores",
        "analyse",
    ),
    "ballots": (
        "Ballot",
        "StudyVotes",
        "VIEWS",
        "frame_of",
    ),
    "choose": ("SAMPLINGS",),
    "coefficients": (
        "Coefficient",
        "cohen_kappa",
        "gwet_ac1",
        "krippendorff_alpha",
        "percent_agreement",
    ),
    "csv_files": (
        "guesses_text",
        "read_guesses",
        "read_votes",
        "write_votes",
    ),
    "drawing": (
        "heat_of",
        "sheet_of",
    ),
    "folder": (
        "Created",
        "check_experts",
        "check_new",
        "create_from_inputs",
        "import_study",
        "load_study",
        "seed_for",
    ),
    "inputs": ("create_study",),
    "page": ("write_study",),
    "planning": (
        "Experts",
        "SampleSize",
        "sample_size",
        "sample_sizes",
        "simulate",
        "simulate_pairs",
        "uneven",
    ),
    "settings": (
        "Item",
        "Settings",
        "StudyInput",
    ),
    "storage.database": ("Refused",),
    "storage.people": ("ORGANISER",),
    "storage.study_storage": ("StudyStorage",),
    "storage.voting": ("Vote",),
    "web.server": ("serve",),
}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    for module, names in MODULES.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

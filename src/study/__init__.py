"""Expert studies: experts judge heatmaps, and their votes are compared with scores."""

from .analyse import Analysis, VotesAndScores, analyse
from .analyse.agreement import (
    Coefficient,
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from .ballots import (
    VIEWS,
    Ballot,
    StudyVotes,
    frame_of,
    guesses_text,
    read_guesses,
    read_votes,
    write_votes,
)
from .collect import (
    ORGANISER,
    Created,
    Refused,
    StudyStorage,
    Vote,
    check_experts,
    check_new,
    create_study,
    seed_for,
    serve,
)
from .design import SAMPLINGS, Item, Settings, StudyInput
from .drawing import heat_of, sheet_of
from .folder import import_study, load_study
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

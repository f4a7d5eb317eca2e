"""Expert studies: experts judge heatmaps, and their votes are compared with scores.

Names load on first use, so that `ecglens study --help` stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

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
        usefulness_in,
    )
    from .inputs import create_study
    from .judgements import Usefulness, usefulness
    from .page import write_study, write_usefulness
    from .planning import (
        Experts,
        SampleSize,
        sample_size,
        sample_sizes,
        simulate,
        simulate_pairs,
        uneven,
    )
    from .readers import Readers, readers_needed, simulate_judgements
    from .settings import Item, Settings, StudyInput
    from .storage.database import Refused
    from .storage.people import ORGANISER
    from .storage.study_storage import StudyStorage
    from .storage.voting import Vote
    from .web.drawings import static_files
    from .web.guard import Guard, traced
    from .web.security import Problem
    from .web.server import LOCAL, run_server, serve

__getattr__, __dir__, __all__ = lazy(__name__)

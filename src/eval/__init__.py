"""Heatmaps to numbers: evaluations, rankings, statistics, and the gates a method must pass."""

from typing import TYPE_CHECKING

from ..extras import lazy
from ..progress import progress_bar
from .answer.answer import Answer, answers_of
from .answer.claims import GAINS, Claim
from .answer.comparisons import comparisons_of, decides, deciding, kept_of
from .answer.gates import GATES, LADDER_GATE, LINTER_GATE, NEEDED, RUNS
from .answer.method import USES, MethodAnswer
from .answer.reading import READING, Reading
from .answer.this_ecg import ThisEcg
from .answer.witness import Witness
from .chunks import Chunks, Keeper
from .curves import (
    ANOTHER_PATIENT,
    LADDER_LEVELS,
    MEAN_OF_OTHERS,
    TARGET_PRIOR,
    TARGET_REGION,
    Curves,
    Gallery,
    ShownSteps,
    area_under_curve,
    error_in_sd,
    prediction_change,
    prior_key,
    relative_error,
)
from .evaluation import Evaluation, NotApplicable, finding_or_reason, not_applicable
from .evaluations.perturbation import Perturbation
from .evaluations.perturbation.curves import Noise, perturbation_curve
from .evaluations.perturbation.evaluation import areas_of_first, score
from .evaluations.perturbation.orders import oracle
from .evaluations.return_test import ReturnTest
from .finding import UNEVALUATED, About, Finding, fit_of, main_finding, numbers, unevaluated
from .finding_files import FINDING, load_finding, save_finding
from .heatmaps.explained import Explained, explained, left_out, linter_notes, map_pieces
from .heatmaps.order import rank_points, step_of_samples
from .measures import Measure, PerEcg, beats_by_measure, by_measure, stacked
from .meta_evaluation import (
    OF_SIZES,
    PROTOCOLS,
    UNREACHED,
    Validation,
    measure_name,
    score_name,
    steps_of,
    validations,
    why_not_validated,
)
from .precompute import Piece
from .protocol import (
    AS_WELL,
    DECIDING,
    DEFAULT,
    MOST_KEPT,
    POINTS,
    STORAS2025,
    Protocol,
    overridden,
)
from .ranking.finding import each_network, finding_of, grouped, joined, merge
from .ranking.ranking import Ranking, rank, rank_test
from .region import Mask, TargetRegion
from .subject import Networks, Subject, donor_places, donors, subject_of

if TYPE_CHECKING:
    from .callback import AttributionCallback

# Lightning takes 1.4 s, and only a training run needs it.
__getattr__, _, _ = lazy(__name__, {"callback": "AttributionCallback"})

__all__ = [
    "ANOTHER_PATIENT",
    "AS_WELL",
    "DECIDING",
    "DEFAULT",
    "FINDING",
    "GAINS",
    "GATES",
    "LADDER_GATE",
    "LADDER_LEVELS",
    "LINTER_GATE",
    "MEAN_OF_OTHERS",
    "MOST_KEPT",
    "NEEDED",
    "OF_SIZES",
    "POINTS",
    "PROTOCOLS",
    "READING",
    "RUNS",
    "STORAS2025",
    "TARGET_PRIOR",
    "TARGET_REGION",
    "UNEVALUATED",
    "UNREACHED",
    "USES",
    "About",
    "Answer",
    "AttributionCallback",
    "Chunks",
    "Claim",
    "Curves",
    "Evaluation",
    "Explained",
    "Finding",
    "Gallery",
    "Keeper",
    "Mask",
    "Measure",
    "MethodAnswer",
    "Networks",
    "Noise",
    "NotApplicable",
    "PerEcg",
    "Perturbation",
    "Piece",
    "Protocol",
    "Ranking",
    "Reading",
    "ReturnTest",
    "ShownSteps",
    "Subject",
    "TargetRegion",
    "ThisEcg",
    "Validation",
    "Witness",
    "answers_of",
    "area_under_curve",
    "areas_of_first",
    "beats_by_measure",
    "by_measure",
    "comparisons_of",
    "decides",
    "deciding",
    "donor_places",
    "donors",
    "each_network",
    "error_in_sd",
    "explained",
    "finding_of",
    "finding_or_reason",
    "fit_of",
    "grouped",
    "joined",
    "kept_of",
    "left_out",
    "linter_notes",
    "load_finding",
    "main_finding",
    "map_pieces",
    "measure_name",
    "merge",
    "not_applicable",
    "numbers",
    "oracle",
    "overridden",
    "perturbation_curve",
    "prediction_change",
    "prior_key",
    "progress_bar",
    "rank",
    "rank_points",
    "rank_test",
    "relative_error",
    "save_finding",
    "score",
    "score_name",
    "stacked",
    "step_of_samples",
    "steps_of",
    "subject_of",
    "unevaluated",
    "validations",
    "why_not_validated",
]

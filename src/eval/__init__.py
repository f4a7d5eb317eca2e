"""Heatmaps to numbers: evaluations, rankings, statistics, and the gates a method must pass.

The names load on first use: Lightning alone takes 1.4 s, and only a training run needs it.
"""

from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
    from ..progress import progress_bar
    from .answer.answer import Answer, answers_of, same_data
    from .answer.claims import GAINS, POWER, Claim
    from .answer.comparisons import comparisons_of, decides, deciding, kept_of
    from .answer.gates import FEW_STEPS, GATES, LADDER_GATE, LINTER_GATE, NEEDED, RUNS, least_epochs
    from .answer.method import USES, MethodAnswer
    from .answer.reading import READING, Reading
    from .answer.this_ecg import ThisEcg
    from .answer.witness import Witness
    from .callback import AttributionCallback
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
    from .finding import UNEVALUATED, About, Finding, fit_of, main_finding, numbers
    from .finding_files import FINDING, load_finding, save_finding
    from .heatmaps.explained import (
        Explained,
        explained,
        left_out,
        linted_ecgs,
        linter_notes,
        map_pieces,
    )
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

__getattr__, __dir__, __all__ = lazy(__name__)

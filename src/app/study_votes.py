"""`ecglens study import | analyse | simulate | plan`: what experts chose, or would choose."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .study_words import listed, numbers, one_of

if TYPE_CHECKING:
    from ..study import Ballot

TARGETS, VIEWS = "pr,qrs,qt,r,j,t", "full,averaged"
# The nine methods of Storås 2025, the first the most preferred.
METHODS = (
    "smoothgrad,guided_backprop,saliency,integrated_gradients,deeplift,gradient_shap,"
    "guided_gradcam,input_x_gradient,deconvolution"
)
SIMULATED = ("pick", "pair")


def add_tasks(tasks: Any) -> None:
    """Add these tasks to the command line's."""
    read = tasks.add_parser("import", help="check a CSV of votes and keep it as a study")
    read.add_argument("votes", type=Path, help="single ballots, or sums (target,view,method,votes)")
    read.add_argument("--to", type=Path, required=True, help="a new folder")
    read.add_argument("--methods", default="", help="all whose maps were shown, chosen or not")
    read.add_argument("--guesses", type=Path, help="CSV of expert,method,guess")
    read.add_argument("--decisions", type=int, default=0, help="what each column sums to")
    read.set_defaults(task=_import)

    told = tasks.add_parser("analyse", help="write study.html, tables and figures")
    told.add_argument("study", type=Path, help="the folder of study create or import")
    told.add_argument(
        "--against",
        type=Path,
        action="append",
        default=[],
        help="a finished run or sweep, or one saved result; may be repeated",
    )
    told.add_argument("--to", type=Path, help="where to write (analysis/ in the study)")
    told.set_defaults(task=_analyse)

    made = tasks.add_parser("simulate", help="write the votes of experts with a known agreement")
    made.add_argument("--to", type=Path, required=True, help="the CSV")
    made.add_argument("--protocol", default="pick", help=" or ".join(SIMULATED))
    made.add_argument("--ecgs", type=int, default=51, help="as many as Storås 2025")
    made.add_argument("--experts", type=int, default=3)
    made.add_argument("--targets", default=TARGETS)
    made.add_argument("--views", default=VIEWS, help="for pair full alone")
    made.set_defaults(task=_simulate)

    planned = tasks.add_parser("plan", help="how many ECGs an interval of κ needs")
    planned.add_argument("--width", type=float, required=True, help="of its 95 %% interval")
    planned.add_argument("--experts", type=numbers, default=(2, 3, 4, 5), help="such as 2,3,4,5")
    planned.set_defaults(task=_plan)

    for each in (made, planned):
        # κ between and within the experts of Storås 2025, full heatmaps: .39, and .6 to .9.
        each.add_argument("--kappa", type=float, default=0.4, help="between experts")
        each.add_argument("--within", type=float, default=0.7, help="within an expert")
        each.add_argument("--methods", default=METHODS, help="the most preferred first")
    for each in (told, made, planned):
        each.add_argument("--seed", type=int, default=0)


def _import(arguments: argparse.Namespace) -> None:
    from ..study import import_study

    study = import_study(
        arguments.votes,
        arguments.to,
        listed(arguments.methods),
        arguments.guesses,
        arguments.decisions,
    )
    votes = len(study.votes) or int(study.counts["votes"].sum())
    print(f"{votes} votes for {len(study.methods)} methods in {arguments.to}")
    print(f"next: python -m ecglens study analyse {arguments.to}")


def _analyse(arguments: argparse.Namespace) -> None:
    from ..study import analyse, load_study, write_study
    from .finished import results_in

    study = load_study(arguments.study)
    results = [result for folder in arguments.against for result in results_in(folder)]
    analysis = analyse(study, results, arguments.seed)
    print(write_study(analysis, arguments.to or arguments.study / "analysis"))


def _simulate(arguments: argparse.Namespace) -> None:
    from ..study import Experts, simulate, uneven, write_votes

    preference = uneven(listed(arguments.methods))
    if one_of("--protocol", SIMULATED, arguments.protocol) == "pair":
        ballots = _pairs(arguments, preference)
    else:
        experts = Experts(arguments.experts, preference, arguments.kappa, arguments.within)
        targets, views = listed(arguments.targets), listed(arguments.views)
        ballots = simulate(experts, arguments.ecgs, targets, views, arguments.seed)
    print(f"{len(ballots)} votes in {write_votes(ballots, arguments.to)}")


def _pairs(arguments: argparse.Namespace, strengths: dict[str, float]) -> Sequence["Ballot"]:
    """Every pair of every target, one target after the other."""
    from ..study import simulate_pairs

    ecgs, experts, ballots = arguments.ecgs, arguments.experts, []
    for place, target in enumerate(listed(arguments.targets)):
        before = len(ballots) // experts
        own = simulate_pairs(strengths, ecgs, experts, target, arguments.seed + place)
        ballots += [replace(ballot, order=ballot.order + before) for ballot in own]
    return ballots


def _plan(arguments: argparse.Namespace) -> None:
    from ..study import Experts, plans, uneven

    preference = uneven(listed(arguments.methods))
    experts = Experts(2, preference, arguments.kappa, arguments.within)
    print(
        f"κ {arguments.kappa:g} between experts ({arguments.within:g} within), "
        f"95 % interval {arguments.width:g} wide, each ECG shown twice:"
    )
    for found in plans(experts, arguments.width, arguments.experts, arguments.seed):
        decisions = 2 * found.ecgs
        print(
            f"{found.experts} experts: {found.ecgs} ECGs, {decisions} decisions of each expert "
            "for each target and view"
        )

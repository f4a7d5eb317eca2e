"""`ecglens study import | analyse | simulate | sample-size`: real and simulated votes."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecglens.jobs import tell

from .create import check_unread, listed, numbers, one_of

if TYPE_CHECKING:
    from .. import Ballot

TARGETS, VIEWS = "pr,qrs,qt,r,j,t", "full,averaged"
# The nine methods of Storås 2025; simulated experts prefer the first most.
METHODS = (
    "smoothgrad,guided_backprop,saliency,integrated_gradients,deeplift,gradient_shap,"
    "guided_gradcam,input_x_gradient,deconvolution"
)
# κ in Storås 2025, full heatmaps: 0.39 between experts, 0.6 to 0.9 within.
OF_KAPPA = {"methods": METHODS, "kappa": 0.4, "within": 0.7}
# Options with their defaults that not every task reads, and not every question of sample-size.
SIMULATED = {"pick": {**OF_KAPPA, "views": VIEWS}, "pair": {"methods": METHODS}}
PLANNED = {"width": OF_KAPPA, "difference": {"without": 0.7, "power": 0.9}}


def add_commands(subcommands: Any) -> None:
    """Add the subcommands that need votes only."""
    read = subcommands.add_parser(
        "import", help="check a CSV file of votes and store it as a study"
    )
    read.add_argument("votes", type=Path, help="single ballots, or sums (target,view,method,votes)")
    read.add_argument("--to", type=Path, required=True, help="new folder for the study")
    read.add_argument("--methods", default="", help="all methods shown (default: those chosen)")
    read.add_argument("--guesses", type=Path, help="CSV file of expert,method,guess")
    read.add_argument("--decisions", type=int, default=0, help="expected sum per target and view")
    read.set_defaults(run=_import)

    analysed = subcommands.add_parser("analyse", help="write study.html, tables and figures")
    analysed.add_argument("study", type=Path, help="folder made by study create or import")
    analysed.add_argument(
        "--scores",
        type=Path,
        action="append",
        default=[],
        metavar="RUN",
        help="finished run, sweep or saved result to compare with; can be repeated",
    )
    analysed.add_argument("--to", type=Path, help="output folder (default: analysis/ in the study)")
    analysed.set_defaults(run=_analyse)

    made = subcommands.add_parser("simulate", help="write votes of simulated experts")
    made.add_argument("--to", type=Path, required=True, help="CSV file to write")
    made.add_argument("--task", default="pick", help=" or ".join(SIMULATED))
    made.add_argument("--ecgs", type=int, default=51, help="default: 51, as in Storås 2025")
    made.add_argument("--experts", type=int, default=3, help="number of experts (default: 3)")
    made.add_argument("--targets", default=TARGETS, help=f"default: {TARGETS}")
    made.add_argument("--views", help=f"default: {VIEWS}; task pair: full only")
    made.set_defaults(run=_simulate)

    planned = subcommands.add_parser(
        "sample-size",
        help="number of ECGs for a given interval of κ, or for a difference that a map makes",
    )
    planned.add_argument("--width", type=float, help="width of the 95 %% interval of κ")
    planned.add_argument("--experts", type=numbers, help="numbers of experts: 2,3,4,5 (of κ)")
    planned.add_argument(
        "--difference", type=float, help="what the map adds to the share judged rightly (0.1)"
    )
    planned.add_argument("--without", type=float, help="that share without it (0.7)")
    planned.add_argument("--power", type=float, help="of showing it (0.9)")
    planned.set_defaults(run=_sample_size)

    for each in (made, planned):
        each.add_argument("--kappa", type=float, help="κ between experts (0.4)")
        each.add_argument("--within", type=float, help="κ within an expert (0.7)")
        each.add_argument("--methods", help="in order of preference")
    for each in (analysed, made, planned):
        each.add_argument("--seed", type=int, default=0, help="default: 0")


def _import(arguments: argparse.Namespace) -> None:
    from .. import import_study

    study = import_study(
        arguments.votes,
        arguments.to,
        listed(arguments.methods),
        arguments.guesses,
        arguments.decisions,
    )
    votes = len(study.votes) or int(study.counts["votes"].sum())
    tell(f"{votes} votes for {len(study.methods)} methods in {arguments.to}")
    tell(f"next: python -m ecglens study analyse {arguments.to}")


def _analyse(arguments: argparse.Namespace) -> None:
    from .. import analyse, load_study, usefulness_in, write_study, write_usefulness
    from ..inputs import of_each_map, rankings_in

    to = arguments.to or arguments.study / "analysis"
    if found := usefulness_in(arguments.study):
        if arguments.scores:
            raise ValueError(
                "expected no --scores with a study of task judge, which has no votes on maps to "
                "compare with them; leave it out"
            )
        tell(*found.conclusions)
        tell(write_usefulness(found, to))
        return
    study = load_study(arguments.study)
    every = [result for folder in arguments.scores for result in rankings_in(folder)]
    results = of_each_map(every)
    if len(results) < len(every):  # protocols that share their maps
        names = ", ".join(dict.fromkeys(each.about.evaluation for each in results))
        tell(f"Votes are compared with {names}; for others: --scores RUN/findings/NAME")
    analysis = analyse(study, results, arguments.seed)
    tell(write_study(analysis, to))


def _simulate(arguments: argparse.Namespace) -> None:
    from ecglens.inputs import check_whole

    from .. import Experts, simulate, write_votes

    check_whole(1, ecgs=arguments.ecgs)
    arguments = _filled(arguments, SIMULATED, one_of("--task", [*SIMULATED], arguments.task))
    preference = _preference(arguments)
    targets = listed(arguments.targets)
    views = ["full"] if arguments.views is None else listed(arguments.views)
    for name, each in (("targets", targets), ("views", views)):
        if not 0 < len({*each}) == len(each):
            raise ValueError(f"expected --{name}, each once, got {getattr(arguments, name)!r}")
    if arguments.task == "pair":
        ballots = _pairs(arguments, preference)
    else:
        experts = Experts(arguments.experts, preference, arguments.kappa, arguments.within)
        ballots = simulate(experts, arguments.ecgs, targets, views, arguments.seed)
    tell(f"{len(ballots)} votes in {write_votes(ballots, arguments.to)}")


def _filled(
    arguments: argparse.Namespace, options: Mapping[str, Mapping[str, Any]], asked: str
) -> argparse.Namespace:
    """Arguments with the defaults of what is asked; ValueError for options of the others alone."""
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    every = [name for each in options.values() for name in each]
    unread = [name for name in dict.fromkeys(every) if name not in options[asked]]
    check_unread(given, unread, ", which this does not read")
    return argparse.Namespace(**{**vars(arguments), **options[asked], **given})


def _preference(arguments: argparse.Namespace) -> dict[str, float]:
    """How often each of --methods is preferred; κ needs two, of which one can be preferred."""
    from .. import uneven

    methods = listed(arguments.methods)
    if len({*methods}) < max(2, len(methods)):
        raise ValueError(f"expected two or more different --methods, got {arguments.methods!r}")
    return uneven(methods)


def _pairs(arguments: argparse.Namespace, strengths: dict[str, float]) -> Sequence["Ballot"]:
    """Ballots of every pair, one target after the other."""
    from .. import simulate_pairs

    ecgs, experts, ballots = arguments.ecgs, arguments.experts, []
    for place, target in enumerate(listed(arguments.targets)):
        own = simulate_pairs(strengths, ecgs, experts, target, arguments.seed + place)
        before = len(ballots) // experts
        ballots += [replace(ballot, order=ballot.order + before) for ballot in own]
    return ballots


def _sample_size(arguments: argparse.Namespace) -> None:
    if (arguments.width is None) == (arguments.difference is None):
        raise ValueError(
            "expected --width of the interval of κ, or --difference that the map makes (task judge)"
        )
    asked = "width" if arguments.difference is None else "difference"
    arguments = _filled(arguments, PLANNED, asked)
    if asked == "difference":
        tell(*_readers_lines(arguments))
        return
    from .. import Experts, sample_sizes

    experts = Experts(2, _preference(arguments), arguments.kappa, arguments.within)
    counts = arguments.experts or (2, 3, 4, 5)
    plans = sample_sizes(experts, arguments.width, counts, arguments.seed)
    tell(
        f"For κ {arguments.kappa:g} between experts and {arguments.within:g} within an expert, two "
        f"showings and a 95 % interval of width {arguments.width:g}, each target and view needs:"
    )
    for found in plans:
        tell(f"{found.experts} experts: {found.ecgs} ECGs, {2 * found.ecgs} decisions per expert")


def _readers_lines(arguments: argparse.Namespace) -> Iterator[str]:
    """Lines of the plan of a study with and without the map."""
    from .. import Readers, readers_needed
    from ..readers import MOST_ECGS, NUMBERS

    readers = Readers(2, arguments.without, arguments.difference)
    found = [*readers_needed(readers, arguments.power, arguments.experts or NUMBERS)]
    yield (
        f"For {arguments.without:.0%} judged rightly without the map, {arguments.difference:+.0%} "
        f"with it, and power {arguments.power:g}:"
    )
    for each in found:
        counted = f"{each.ecgs:.0f} ECGs, {2 * each.ecgs:.0f} judgements each"
        too_few = f"{MOST_ECGS} ECGs have power {each.power:.2f}"
        yield f"{each.readers} readers: {counted if each.ecgs == each.ecgs else too_few}"
    yield "assumed shares of variance are in docs/study.md; take them from a pilot where you can"

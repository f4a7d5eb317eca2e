"""Is a map lost with the weights it should explain? (Adebayo 2018; Arends 2026, experiment 3)"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from torch import nn

from ....models import layers, randomised
from ...heatmaps.explained import Explained, Setup, explained, left_out, notes
from .finding import Finding
from .gates import THRESHOLDS, Thresholds
from .judged import columns, parts
from .permuted import permuted_maps
from .price import DEAR_REDRAWS, cheap
from .rows import by_verdict, frame, headline, mean_agreement, output_agreement
from .stages import stages_of
from .trial import Trial

QUESTION = "Is the map lost when the network loses what it has learned?"
SOURCE = (
    "Adebayo 2018 (weights redrawn in a cascade and layer by layer; labels permuted) and Arends "
    "2026, experiment 3 (only its abstract was at hand); floors and limits are our own definition"
)
INTERVALS = (
    "intervals hold for this network: over redraws and patients, of the label-permuted network and "
    "of floors over patients alone; p is corrected over methods within each gate, not over gates"
)


def weights(
    net: nn.Module,
    setup: Setup,
    permuted: nn.Module | None = None,
    stages: int = 6,
    copies: int = 10,
    limits: Thresholds = THRESHOLDS,
) -> Finding:
    """ρ between the maps of a network and of copies of it whose weights were redrawn.

    `table` has, absolute and by sample, the mean over `copies` networks with all weights redrawn
    (methods dearer than a gradient: the first DEAR_REDRAWS), and for the gates on the weights and
    on `permuted` labels what decides, its interval, p and verdict (gates.forgets). details:
    `views` every view; `kept` every part that a gate judges; `stages` both signs by sample at each
    of `stages` steps from the output to the input, in a cascade and each alone, with how far the
    output changed; `layers` what a step holds. Raises ValueError for layers that cannot be redrawn,
    or nothing to explain.
    """
    if stages < 1 or copies < 1:
        raise ValueError(f"expected at least 1 stage and 1 copy, got {stages} and {copies}")
    linted = notes({"the network": net}, setup)
    names = layers(net, setup.ecgs.x)
    plan = stages_of(names, stages)

    def copy(drawn: Sequence[str], number: int, doing: str, asked: Setup = setup) -> Explained:
        changed = randomised(net, drawn, setup.ecgs.x, setup.seed + number)
        return explained(changed, asked, doing)

    original = explained(net, setup, "the network")
    other, told = permuted_maps(permuted, setup)
    trial = Trial(original, other, setup.ground, setup.resampling)
    rows = [
        {"mode": stage.mode, "stage": stage.number} | one
        for stage in plan
        for one in trial.stage(copy(stage.layers, 0, f"{stage.mode} {stage.number}"))
    ]
    fewer = replace(setup, methods=cheap(net, setup)) if copies > DEAR_REDRAWS else setup
    lost = [
        copy(
            names,
            number,
            f"copy {number + 1} of {copies}",
            fewer if number >= DEAR_REDRAWS else setup,
        )
        for number in range(copies)
    ]
    views = frame(trial.lost(lost))
    changes = [output_agreement(original.outputs, one.outputs) for one in lost]
    drawn = trial.gate([one.maps for one in lost], limits)
    labels = trial.gate([other], limits) if other else {}
    table = headline(views).merge(frame(columns(drawn, labels, limits)), on="method")
    table = table.assign(**mean_agreement(changes))
    held = [
        {"mode": stage.mode, "stage": stage.number, "layer": layer}
        for stage in plan
        for layer in stage.layers
    ]
    kept = frame([*parts("weights", drawn), *parts("permuted", labels)])
    return Finding(
        experiment="weights",
        question=QUESTION,
        source=SOURCE,
        table=table,
        details={"kept": kept, "views": views, "stages": frame(rows), "layers": frame(held)},
        sentence=in_words(table, len(setup.ecgs.record)),
        notes=(
            *linted,
            *left_out(original),
            *told,
            *(f"with all weights redrawn: {one}" for one in left_out(*lost)),
            INTERVALS,
        ),
    )


def in_words(table: pd.DataFrame, ecgs: int) -> str:
    """The answer in one sentence."""
    told = by_verdict(
        table, {"passes": "lost", "fails": "not lost", "cannot be said": "cannot be said"}
    )
    return (
        f"When the network loses what it has learned, the maps are {told} (at most "
        f"{table['limit'].iloc[0]:.2f} of a map may be kept beyond |x|; {ecgs} ECGs, with all "
        f"weights redrawn the outputs keep r = {table['output_r'].iloc[0]:.2f})."
    )

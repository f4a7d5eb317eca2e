"""Findings without curves, made without a network."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import Target
from ecglens.ecg import WAVES
from ecglens.eval import About, Evaluation, Finding, Measure
from ecglens.eval.evaluations.return_test import FILLS, NULLS, ReturnTest
from ecglens.eval.evaluations.return_test import MEASURES as RETURNED
from ecglens.eval.evaluations.return_test import sentence as return_sentence
from ecglens.eval.evaluations.sanity import BASELINES, Weights
from ecglens.eval.evaluations.sanity.gates import RHO, rho_table
from ecglens_metrics import Consistency, Effects
from ecglens_metrics.effects import MEASURES as EFFECTS

from .conftest import PR

RHO_OF = ("saliency", "deeplift", "random")  # two methods and a control
METHODS = ("saliency", "input_x_gradient", "random", "abs_x", "abs_dx")
MEASURES = (
    Measure("mass", "Relevance mass", "", True, "plausibility", "Arras 2022", "How much.", 0.1),
    Measure("gap", "Completeness gap", "ms", False, "faithfulness", "ours", "What is left."),
    Measure("tp", "In TP", "", None, "description", "ours", "Where it lies."),
)


def about(
    evaluation: Evaluation | str,
    ecgs: int = 24,
    target: Target = PR,
    network: str = "a",
    facts: Mapping[str, Any] | None = None,
    **changed: Any,
) -> About:
    """Description of a finding of this evaluation, which may be given by its name alone."""
    ours = not isinstance(evaluation, str)
    fields = {
        "evaluation": evaluation.name if ours else evaluation,
        "question": evaluation.question if ours else "Is it?",
        "source": evaluation.source if ours else "ours",
        "cites": evaluation.cites if ours else (),
        "target": target,
        "input": "median",
        "networks": (network,),
        "records": tuple(f"secret{n}" for n in range(ecgs)),
        "patients": tuple(f"p{n}" for n in range(ecgs)),
        "data": facts or {},
    }
    return About(**(fields | changed))


def of_rho(
    on: About | None = None, details: Mapping[str, pd.DataFrame] | None = None, **columns: list
) -> Finding:
    """A finding of ρ, of retrained networks by default; no other table has these numbers."""
    table = pd.DataFrame(
        {
            "method": RHO_OF,
            "kind": ["method", "method", "control"],
            "value": [0.13, 0.93, 0.03],
            "low": [0.11, 0.91, -0.01],
            "high": [0.15, 0.95, 0.05],
            **{baseline: [0.41, 0.43, 0.47] for baseline in BASELINES},
            "missing": 0.0,
            "difference": [-0.28, 0.5, -0.44],
            "difference_low": [-0.33, 0.45, -0.49],
            "difference_high": [-0.23, 0.55, -0.39],
            "verdict": ["passes", "fails", "fails"],
            **columns,
        }
    )
    on, details = on or about(Consistency()), details or {}
    values = dict(zip(RHO_OF, table["value"], strict=True))
    numbers = {name: np.full((1, 1, len(on.records)), value) for name, value in values.items()}
    return Finding(
        about=on,
        measures=(RHO,),
        scores={RHO.name: numbers},
        table=rho_table(table, details),
        sentence="saliency is lost.",
        notes=("one note",),
        details=details,
    )


def of_return(shown: Mapping[str, bool], networks: Sequence[str], ecgs: int = 24) -> Finding:
    """A finding of the return test; the mean map of the same side is the strongest null."""
    shares = {null.name: 0.2 + 0.1 * place for place, null in enumerate(NULLS)}
    table = pd.DataFrame(
        {
            "network": network,
            "method": name,
            "typical": fill,
            "deviation": 20.0,
            "returned": 7.0,
            "share_5": 0.4,
            "share_15": 0.9,
            **shares,
            **{f"{null}_low": share - 0.05 for null, share in shares.items()},
            **{f"{null}_high": share + 0.05 for null, share in shares.items()},
            "p": 0.01,
            "shown": yes,
        }
        for network in networks
        for name, yes in shown.items()
        for fill in FILLS
    )
    numbers = {name: np.full((len(networks), 1, ecgs), 7.0) for name in shown}
    on = about(ReturnTest(), ecgs, networks=tuple(networks))
    details = {"shown": table}
    scores = {"returned": numbers}
    return Finding(on, RETURNED, scores, sentence=return_sentence(table), details=details)


def of_effects(about_maps: Mapping[str, float], ecgs: int = 24) -> Finding:
    """A finding of effects: `leads` of each method by its difference from the best control.

    0.3 is about the network, −0.3 surely below the control, 0 neither.
    """
    table = pd.DataFrame(
        {
            "measure": question,
            "method": name,
            "value": 0.5 + above,
            "about": "network" if above > 0 else "nothing",
            "not_above": "other_ecg mean_map" if above > 0 else "controls",
            "slope": 1.0,
            "controls_difference": above,
            "controls_low": above - 0.1,
            "controls_high": above + 0.1,
            "controls_p": 0.01 if above > 0 else 1.0,
        }
        for question in ("leads", "adds")
        for name, above in about_maps.items()
    )
    numbers = {name: np.full((1, 1, ecgs), 0.5 + above) for name, above in about_maps.items()}
    shares = pd.DataFrame({"method": [*about_maps]} | dict.fromkeys(WAVES, 0.2))
    waves = pd.DataFrame({"wave": WAVES, "mean_size": 5.0, "mean_change": 1.0})
    details = {"waves": waves, "relevance": shares, "yardstick": table}
    scores = {each.name: numbers for each in EFFECTS}
    return Finding(about(Effects(), ecgs), EFFECTS, scores, details=details)


def of_weights(on: About | None = None) -> Finding:
    """A finding of redrawn weights and permuted labels."""
    columns: dict[str, list] = {
        "redrawn_verdict": ["passes", "fails", "fails"],
        "labels_verdict": ["passes", "passes", "fails"],
    }
    for gate, kept in (("redrawn", [0.21, None, 0.87]), ("labels", [0.23, 0.61, 0.89])):
        shifted = [None if each is None else each + 0.02 for each in kept]
        columns |= {
            f"{gate}_kept": kept,
            f"{gate}_kept_low": kept,
            f"{gate}_kept_high": shifted,
            f"{gate}_p": [0.0123, None, 0.0001],
            f"{gate}_why": ["default", "default", "noise_10"],
        }
    stages = pd.DataFrame(
        {
            "mode": "cascade",
            "stage": [0, 1] * 3,
            "method": [name for name in RHO_OF for _ in range(2)],
            "kind": "method",
            "sign": "absolute",
            "value": 0.9,
            "beyond_x": [1.0, 0.2, 1.0, 0.4, 1.0, 0.6],
            **dict.fromkeys(BASELINES, 0.1),
        }
    )
    return of_rho(on or about(Weights()), {"stages": stages}, **columns)


def of_measures(
    on: About | None = None, measures: Sequence[Measure] = MEASURES, **changed: Any
) -> Finding:
    """A finding of measures: each method is better than the one after it, on most ECGs."""
    on = on or about("localisation", 40, patients=tuple(f"p{n % 20}" for n in range(40)))
    draw = np.random.default_rng(0)
    scores = {
        each.name: {
            name: (len(METHODS) - place + draw.normal(size=(1, 1, len(on.records)))) / 10
            for place, name in enumerate(METHODS)
        }
        for each in measures
    }
    given = {"sentence": "input_x_gradient is best.", "notes": ("Read <this> first.",)}
    return Finding(about=on, measures=tuple(measures), scores=scores, **(given | changed))

"""Whole answers on networks set by hand: what the page says is what the kept rows say."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens import rank_methods
from ecglens.explain import find

from benchmarks.answer_hand_set import (
    BLIND,
    OTHERS,
    SETS,
    TEST,
    TRUE,
    WARPED,
    attacks,
    ecgs_of,
    hand_set,
)
from benchmarks.share import share
from benchmarks.template_maps import MeanMap, OfOneNetwork

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "results" / "about_network"
TEXT = (ROOT / "docs" / "sanity.md").read_text(encoding="utf-8")
LADDER = "is above every control and any target prior"
MOVED = "scores higher than behind a moved input"


def rows(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv")


def counts(uses: list[str]) -> str:
    return " | ".join(str(uses.count(use)) for use in ("use", "not shown", "do not use"))


def test_no_map_that_never_looks_at_a_network_set_by_hand_is_to_be_used() -> None:
    every = rows("hand_set")
    asked = every[["network", "set"]].drop_duplicates()
    assert len(asked) >= 40
    assert {*asked["network"]} == {*hand_set()}
    blind = every[every["map"].isin(BLIND)]
    assert len(blind) == len(asked) * len(BLIND)
    assert {*blind["use"]} == {"do not use"}
    assert {*blind[MOVED]} == {"fails"}


@pytest.mark.parametrize("name", [*TRUE, "expected gradients", "saliency", WARPED, *BLIND])
def test_the_page_has_the_counts_of_each_map(name: str) -> None:
    every = rows("hand_set")
    own = [*every.loc[every["map"] == name, "use"]]
    ends = share(own.count("use"), len(own)).partition("(")[2].rstrip(")")
    row = "each of five blind maps" if name in BLIND else name
    assert f"| {row} | {counts(own)} | {ends} |" in TEXT


def test_the_page_has_what_64_ecgs_say() -> None:
    every = rows("hand_set_64")
    of = {name: Counter(own["use"]) for name, own in every.groupby("map")}
    assert {sum(each.values()) for each in of.values()} == {48}
    assert {name for name in of if not of[name]["use"]} == {*BLIND}
    from_0, from_mean = (of[name]["use"] for name in TRUE)
    assert (
        f"are *use* on {from_0}\n  (from 0 µV) and {from_mean} (from the mean beat) of 48" in TEXT
    )
    others = of["saliency"]["use"], of["expected gradients"]["use"]
    assert "Saliency is *use* on {}, expected gradients on {}.".format(*others) in TEXT
    against = every[every["map"].isin(TRUE) & (every["use"] == "do not use")]
    assert {*against.loc[against[MOVED] == "fails", "network"]} == {"three votes"}
    bump = against[against["map"].eq(TRUE[0]) & against["network"].eq("a bump at P onset")]
    assert len(bump) == 1


def test_the_gate_of_moved_inputs_fails_no_true_map() -> None:
    every = rows("hand_set")
    true = every[every["map"].isin(TRUE)]
    assert "fails" not in {*true[MOVED]}
    undecided = {"three votes", "amounts at 24 places", "one amount at 24 places"}
    assert {*true.loc[true[MOVED] != "passes", "network"]} == undecided


def test_the_gate_of_moved_inputs_alone_stops_blind_maps_that_are_above_every_control() -> None:
    every = rows("hand_set")
    blind = every[every["map"].isin(BLIND) & (every[LADDER] == "passes")]
    by_map = Counter(blind["map"])
    assert f"On {min(by_map.values())} to {max(by_map.values())} of these" in TEXT
    assert {*by_map} == {*BLIND}


def test_another_patients_map_is_never_specific_to_its_ecg() -> None:
    every = rows("hand_set")
    assert {*every.loc[every["map"] == WARPED, "about_ecg"]} == {"not shown"}
    shown = every[every["about_ecg"] == "shown"]
    assert {*shown["map"]} <= {*TRUE}
    # Truth that differs between ECGs; the others have one template, or a substitute that moves.
    sets = Counter(shown.loc[shown["map"] == TRUE[1], "network"])
    assert {*sets.values()} == {SETS}
    assert {*sets} == {
        *("a bump that moves", "a bump in half of the ECGs", "one of 24 places"),
        "amounts at 24 places",
    }


def test_attacks_are_refused_on_every_network() -> None:
    every = rows("hand_set_attacks")
    assert {*every["network"]} == {*hand_set()}
    assert len(every) == len(hand_set()) * len(attacks("window"))
    assert "use" not in {*every.loc[every["map"] != "saliency", "use"]}


def test_what_is_of_use_on_untrained_networks_is_said() -> None:
    every = rows("untrained")
    assert f"{len(every)} answers" in TEXT
    assert len(every[["access", "seed"]].drop_duplicates()) == 20
    assert {*every.loc[every["use"] == "use", "reads"]} == {"not tested"}  # without labels
    assert {*every["reads"]} == {"does not read", "not tested"}
    own = every[every["use"] == "use"].groupby("map")["seed"].nunique()  # networks, not accesses
    assert own.to_dict() == {
        "saliency": 2,
        "expected gradients": 1,
        "exact contributions from the mean beat": 1,
    }
    assert f"saliency is *use* on {own['saliency']} of {every['seed'].nunique()}" in TEXT


@pytest.mark.heavy
def test_attacks_are_refused_by_rank_methods_on_a_plain_function() -> None:
    each, ecgs = hand_set()["window"], ecgs_of("window")

    def function(x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return each.net(torch.as_tensor(np.asarray(x))).numpy()

    asked = dict(attacks("window")) | {"mean map, kept": OfOneNetwork(MeanMap(), each.net)}
    del asked["saliency"]  # a function of arrays has no gradient
    ranked = rank_methods(
        function, ecgs.x[:TEST], methods=asked | {"occlusion": find("occlusion")},
        background=ecgs.x[SETS * TEST : SETS * TEST + OTHERS], workers=1,
    )  # fmt: skip
    assert ranked.answer.use == ("occlusion",)
    kept = ranked.answer.of["mean map, kept"]
    assert kept.level >= 1  # the gate alone stops it
    assert kept.use == "do not use"

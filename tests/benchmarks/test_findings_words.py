"""The sentences of docs/findings.md have the numbers of the kept results."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.findings import ARENDS, BENDER, STORAS
from benchmarks.findings_cells import number
from benchmarks.page import DOCS

FIVE = ["saliency", "smoothgrad", "deeplift", "integrated_gradients", "gradient_shap"]
SEVEN = [*FIVE, "input_x_gradient", "guided_backprop"]
MULTIPLIED = ["input_x_gradient", "deeplift", "integrated_gradients", "lrp_epsilon"]
WORDS = {0: "none", 1: "one", 2: "two", 3: "three", 5: "five", 6: "six", 8: "eight"}


def kept(path: Path) -> Any:
    """A kept table; its columns have types that no stub knows."""
    return pd.read_csv(path)


def told(sentence: str) -> bool:
    """Whether the page has these words, whatever the ends of its lines."""
    text = (DOCS / "findings.md").read_text(encoding="utf-8")
    return sentence in " ".join(text.split())


def between(values: Any, digits: int = 2) -> str:
    return f"{number(values.min(), digits)} to {number(values.max(), digits)}"


def percents(values: Any) -> str:
    return between(100 * values, 0) + " %"


@pytest.fixture(scope="module")
def held() -> Any:
    return kept(STORAS / "survival.csv").set_index(["conclusion", "target"])["holds"]


@pytest.fixture(scope="module")
def networks() -> Any:
    return kept(STORAS.parent / "networks.csv")


@pytest.fixture(scope="module")
def near_zero() -> Any:
    return kept(STORAS.parent / "near_zero.csv").set_index(["size_uv", "method"])


@pytest.fixture(scope="module")
def first(networks: Any) -> Any:
    """Areas on network 0 of the laptop scale."""
    own = networks[(networks["network"] == 0) & (networks["ecgs"] > 32)]
    return own.set_index(["target", "method"])["area"]


def test_the_shares_of_universes_are_those_of_the_table(held: Any) -> None:
    every = kept(STORAS / "survival.csv").set_index(["conclusion", "target"])
    chance, poor = every["chance"], held["deconvolution_is_poor"]
    by_chance = percents(chance["deconvolution_is_poor"])
    assert told(f"(tier 3 in {percents(poor)} of the universes, by chance in {by_chance})")
    assert (poor > chance["deconvolution_is_poor"]).all()
    best = number(100 * held["no_single_best", "all"], 0)
    assert best == number(100 * chance["no_single_best", "all"], 0)
    assert told(f"the best for all targets holds in {best} %, as it does by chance")
    below, four = held["guided_gradcam_below_par"], held["four_do_well"]
    assert told(f"below the median method in {percents(below)}")
    assert told(f"better mean place in {percents(four)}")
    most = WORDS[int((held["printed_winner_wins"] > 0.5).sum())]
    assert told(f"wins in most universes of {most} targets of six")
    order = held["one_order_for_every_cutoff"].max()
    assert told(f"from 10 to 25 in at most {number(100 * order, 0)} % of the universes")
    assert told(f"three of six targets in {number(100 * held['experts_disagree', 'all'], 0)} %")


def test_the_network_comes_first_on_the_targets_that_are_named() -> None:
    split = kept(STORAS / "split.csv").dropna(subset="places_total")
    largest = split.loc[split.groupby("target")["places_total"].idxmax()]
    first = largest.set_index("target")["choice"]
    assert first.drop("j").eq("network").all()
    assert first["j"] == "outcome"
    assert told("on five targets of six. On J the outcome")


def test_the_shares_of_another_patient_s_map_are_those_of_all_methods_that_have_one() -> None:
    table = kept(STORAS / "templates.csv")
    shares = table.loc[table["input"] == "median"].dropna(subset="another_patient")
    assert not shares["above_random"].all()
    assert told(f"map of another patient's ECG has {percents(shares['another_patient'])} of the")
    assert "j" not in {*shares["target"]}
    assert {*table.loc[table["level"] == 3, "target"]} == {"r"}
    assert not table.loc[table["input"] == "rhythm", "above_random"].any()


def test_the_ecgs_near_0_decide_on_j(near_zero: Any) -> None:
    ecgs, areas = near_zero["ecgs"], near_zero["area"]
    (every,), (kept,) = ecgs[0.0].unique(), ecgs[10.0].unique()
    assert told(f"with the {every - kept} of {every} ECGs below 10 µV")
    assert (areas[0.0] < 0).all()
    own = areas[10.0]
    assert {*own[own <= own["random"]].index} == {"deconvolution", "random"}
    with_them, without = (near_zero.loc[size, "rho"].iloc[0] for size in (0.0, 10.0))
    assert told(f"ρ with the print is {number(without, 2)} in place of {number(with_them, 2)}")
    printed = near_zero.loc[0.0, "printed"]
    both = f"({printed['deconvolution']:.2f} and {printed['random']:.2f})"
    assert told(f"In print Deconvolution is above random on J too {both}")
    ours = f"({number(own['deconvolution'], 2)} and {number(own['random'], 2)})"
    assert told(f"where ours is not {ours}")


def test_areas_grew_with_epochs_as_the_page_says(first: Any) -> None:
    table = kept(STORAS.parent / "departures.csv").query("epochs == 20")
    grown = table.set_index(["target", "method"])["value"] / first
    five = grown.dropna().loc[:, FIVE]
    assert told(f"grew {between(five, 1)} times against network 0")
    qrs, qt = five["qrs"], five["qt"]
    assert number(qrs["saliency"], 1) == number(qt["saliency"], 1)
    assert told(f"(Saliency {qrs['saliency']:.1f} times on both targets")
    smooth = f"{qrs['smoothgrad']:.1f} times on QRS and {qt['smoothgrad']:.1f} times on QT"
    assert told(f"SmoothGrad {smooth}")
    tiers = table.set_index("method")["tier"]
    assert (tiers.loc[FIVE] < 3).all()
    assert (tiers.loc[["guided_backprop", "guided_gradcam"]] == 3).all()
    for _, own in table.groupby("target"):
        of = own.set_index("method")
        assert of.loc["input_x_gradient", "low"] > of.loc["random", "high"]


def test_curves_of_r_and_leads_of_qrs_are_those_of_the_networks(networks: Any) -> None:
    medians = networks[networks["ecgs"] > 32]
    r = medians[medians["target"] == "r"].groupby("method").mean(numeric_only=True)
    for point, said in ((0, "0.02 on the clean ECG"), (5, "0.09 after 5"), (15, "0.10 after 15")):
        assert {f"{value:.2f}" for value in r.loc[SEVEN, f"error_{point}"]} == {said[:4]}
        assert told(said)
    qrs = medians[medians["target"] == "qrs"].pivot(
        index="network", columns="method", values="area"
    )
    above = qrs.sub(qrs["random"], axis=0)
    assert told(f"three networks ({between(above['input_x_gradient'])})")
    assert told(f"large and unlike ({between(above['saliency'])};")


def test_few_ecgs_decide_the_area_on_j(networks: Any) -> None:
    own = networks.query("target == 'j' and network == 0 and method == 'saliency'")
    few, every = own.sort_values("ecgs").to_dict("records")
    assert told(f"The {few['ecgs']} ECGs have none within {few['smallest']:.1f} µV of 0")
    assert told(f"the {every['ecgs']} ECGs of the table have some down to {every['smallest']:.1f}")
    assert told(
        f"Saliency is {number(few['area'], 2)} on the {few['ecgs']} ECGs and "
        f"{number(every['area'], 2)} on the {every['ecgs']}"
    )


def test_the_numbers_of_orders_are_those_of_the_universes() -> None:
    table = kept(STORAS.parent / "orders.csv").set_index("target")
    least, most = table["areas"].min(), table["areas"].max()
    assert {*table.index[table["areas"] == least]} == {"pr", "qrs"}
    assert told(f"has {least} (PR and QRS) to {most} (J) different sets of areas")
    orders = table["orders"]
    assert (orders.idxmin(), orders.idxmax()) == ("qrs", "j")
    assert told(f"{orders.min()} (QRS) to {orders.max()} (J) different orders")
    assert {*table["universes"]} == {324}


def test_what_arends_and_bender_found_is_in_their_tables() -> None:
    similar = kept(ARENDS / "similarity.csv").groupby("maps")["mean"]
    absolute, signed = (between(similar.get_group(each)) for each in ("absolute", "signed"))
    assert told(f"is {absolute} for absolute maps and {signed} for signed ones")
    every = kept(ARENDS / "consistency-methods.csv").set_index("method")
    within = WORDS[int(every["other_ecg_in_range"].sum())]
    assert told(f"maps of two *different* ECGs are in it for {within} methods of {len(every)}.")
    rho = every.loc[MULTIPLIED]
    assert told(f"absolute maps have ρ of {between(rho['value'])}, their signed maps of ")
    assert told(f"their signed maps of {between(rho['signed'])}.")
    classes = kept(ARENDS / "classes.csv").set_index("explained")["with_it"]
    assert told(f"of which {classes['ami']} (AMI) to {classes['normal']} (normal) have the class")
    assert (classes.idxmin(), classes.idxmax()) == ("ami", "normal")
    in_unit = kept(BENDER / "means.csv").query("map == 'contribution'")["method"]
    leads = kept(BENDER / "leads.csv").rename(columns={"learned from": "learned"})
    leads = leads.query("learned == 554 and leads == 12 and group == explained")
    leads = leads[leads["method"].isin(in_unit)].sort_values("mean")
    largest = leads.groupby(["explained", "method"])["lead"].last()
    assert {*largest["af"]} == {"V4", "V5", "aVR"}
    assert {*largest["lbbb"]} == {"I", "V1", "V2"}
    assert told("V4, V5 or aVR for AF, and I, V1 or V2 for LBBB")


def test_the_flags_without_a_twin_are_those_of_the_page_of_shortcuts() -> None:
    text = (DOCS / "shortcuts.md").read_text(encoding="utf-8")
    flags = text[text.index("### The flag") : text.index("### Every measure")]
    rows = [line for line in flags.splitlines() if line.startswith("| `")]
    methods = [row for row in rows if not re.match(r"\| `(random|abs_)", row)]
    pairs = [pair for row in methods for pair in re.findall(r"(\S+) / (\S+)", row)]
    every = [clean for cheating, clean in pairs if float(cheating) == 1.0]
    assert told(f"without one {len(every)} of {len(pairs)} mark every cheating network")
    assert told(f"{sum(float(clean) == 0.0 for clean in every)} of these no clean one")
    assert "45 of the 54 pairs of method" in text

"""Universes read off curves, the split of their variance, and their page."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.eval import DEFAULT, STORAS2025, Finding, area_under_curve, rank
from ecglens_reproductions.conclusions import OF_ONE, survival_table
from ecglens_reproductions.multiverse import (
    main_effects,
    option_table,
    printed_order,
    split_table,
    total_effects,
)
from ecglens_reproductions.page import write_reproduction
from ecglens_reproductions.printed import printed_auc
from ecglens_reproductions.sources import rules, sources
from ecglens_reproductions.universes import multiverse
from scipy.stats import spearmanr

from tests.report.conftest import build, changed

NINE = tuple(name for name in printed_auc()["pr"] if name != "random")
FOUR = ("smoothgrad", "deeplift", "integrated_gradients", "gradient_shap")
SHORT = replace(STORAS2025, steps=25, draws=2)


def settings(multiplied: bool) -> dict[str, object]:
    return {"method": {"deeplift": {"multiply_by_inputs": multiplied}}}


def counted(finding: Finding) -> Finding:
    """Every third map of Guided Grad-CAM has 100 points that are not 0."""
    curves = finding.curves[0]
    full = np.full(len(curves.y), 7200)
    few = np.where(np.arange(len(full)) % 3 == 0, 100, 7200)
    nonzero = {name: few if name == "guided_gradcam" else full for name in curves.predictions}
    return replace(finding, curves=(replace(curves, nonzero=nonzero),))


@pytest.fixture(scope="module")
def findings():
    segments = replace(DEFAULT, draws=2)
    return [
        counted(build(methods=methods, protocol=protocol, gain=gain, settings=settings(other)))
        for protocol in (SHORT, segments)
        for methods, gain, other in ((NINE, 6.0, False), (FOUR, 3.0, True))
    ]


@pytest.fixture(scope="module")
def one(findings):
    return multiverse("pr", sources(findings)["pr"])


def test_universes_are_all_combinations_of_levels(one):
    options = {name: len(each) for name, each in one.options.items()}
    assert options == {
        "outcome": 3, "labels": 2, "short": 2, "multiplied": 2, "smoothgrad": 2, "step": 2,
        "input": 1, "noise": 2, "network": 1, "ecgs": 3, "until": 3,
    }  # fmt: skip
    assert [*one.options] == [*rules()["choices"]]
    assert len(one.universes.areas) == np.prod([*options.values()])


def test_every_universe_is_what_a_loop_over_its_choices_gives(one, findings):
    combinations = [
        dict(zip(one.options, each, strict=True)) for each in product(*one.options.values())
    ]
    rng = np.random.default_rng(0)
    for place in rng.choice(len(combinations), 60, replace=False):
        universe = combinations[place]
        for column, name in enumerate((*one.universes.methods, "random")):
            expected = slow_area(name, universe, findings)
            assert one.universes.areas[place, column] == pytest.approx(expected, rel=1e-5), universe


def slow_area(name, universe, findings):
    other = (name == "smoothgrad" and universe["smoothgrad"] == "signed") or (
        name in FOUR[1:] and universe["multiplied"] == "yes"
    )
    finding = findings[2 * (universe["step"] == "donor") + other]
    curves = finding.curves[0]
    each = []
    for ecg in range(0, len(curves.y), {"all": 1, "half": 2, "quarter": 4}[universe["ecgs"]]):
        if universe["short"] == "dropped" and curves.nonzero[name][ecg] < 199:
            continue
        curve = curves.predictions[name][int(universe["noise"]), ecg].astype(float)
        y = float(curves.y[ecg])
        y = round(y) if universe["labels"] == "whole" else y
        outcome = {
            "signed": np.abs(curve - y) / y,
            "absolute": np.abs(curve - y) / abs(y),
            "change": np.abs(curve - curve[0]),
        }[universe["outcome"]]
        each.append(float(area_under_curve(torch.from_numpy(outcome), int(universe["until"]))))
    return np.mean(each)


def test_the_universe_of_the_code_has_the_areas_of_the_ranking():
    finding = build(methods=NINE, protocol=replace(STORAS2025, steps=25))
    found = multiverse("pr", sources([finding])["pr"])
    ranked = rank(finding).table.set_index("method")["value"]
    own = dict(zip(found.universes.methods, found.universes.areas[0], strict=False))
    assert own == pytest.approx({name: ranked[name] for name in NINE})
    assert found.options["short"] == ("kept",)  # nobody counted the points of these maps
    assert found.options["multiplied"] == ("no",)


def test_strips_are_a_level_of_the_input(findings, one):
    strips = [changed(each, {"input": "rhythm"}) for each in findings]
    found = multiverse("pr", sources([*findings, *strips])["pr"])
    assert found.options["input"] == ("median", "rhythm")
    shape = [len(options) for options in found.options.values()]
    areas = found.universes.areas.reshape(*shape, -1)
    for place in (0, 1):  # the curves of both are the same here
        half = areas.take(place, axis=[*found.options].index("input"))
        np.testing.assert_array_equal(half.reshape(one.universes.areas.shape), one.universes.areas)


def test_a_method_that_one_network_lacks_is_in_no_universe(findings):
    first, *others = findings
    curves = first.curves[0]
    fewer = {name: each for name, each in curves.predictions.items() if name != "saliency"}
    lacking = replace(first, curves=(replace(curves, predictions=fewer),))
    assert "saliency" not in multiverse("pr", sources([lacking, *others])["pr"]).universes.methods


def test_curves_that_end_before_the_last_cutoff_make_no_universe():
    short = build(methods=NINE, protocol=replace(STORAS2025, steps=20, cutoffs=(10, 20)))
    with pytest.raises(ValueError, match="expected rankings by the methods of Storås 2025"):
        sources([short])


def test_a_label_of_zero_is_left_out_of_the_relative_error_alone():
    finding = build(methods=NINE, protocol=replace(STORAS2025, steps=25))
    curves = finding.curves[0]
    y = np.array(curves.y)
    y[0] = 0.2  # 0 as a whole number
    found = multiverse("pr", sources([replace(finding, curves=(replace(curves, y=y),))])["pr"])
    areas = found.universes.areas.reshape(*map(len, found.options.values()), -1)
    whole, measured = areas[0, 0].ravel(), areas[0, 1].ravel()
    assert measured.max() > 3 * whole.max()  # divided by 0.2
    assert np.isfinite(areas).all()


def test_main_effects_are_those_of_an_analysis_of_variance():
    a, b = np.array([0.0, 3.0, 9.0]), np.array([0.0, 2.0])
    sums = (a[:, None] + b)[..., None]
    shares = main_effects(sums, ["a", "b"])
    assert shares == pytest.approx(
        {"a": a.var() / (a.var() + b.var()), "b": b.var() / (a.var() + b.var()), "interactions": 0}
    )
    total = total_effects(sums, ["a", "b"])
    assert {name: total[name] for name in "ab"} == pytest.approx(
        {name: shares[name] for name in "ab"}
    )
    either = np.array([[0.0, 1.0], [1.0, 0.0]])[..., None]
    assert main_effects(either, ["a", "b"]) == pytest.approx({"a": 0, "b": 0, "interactions": 1})
    assert total_effects(either, ["a", "b"])["a"] == pytest.approx(1)
    assert np.isnan(main_effects(np.ones((2, 2, 1)), ["a", "b"])["a"])


def test_rho_of_a_universe_is_that_of_scipy(one):
    names = [name for name in one.universes.methods if name != "deconvolution"]
    printed = [printed_auc()["pr"][name] for name in names]
    own = one.universes.areas[5, one.universes.of(*names)]
    assert printed_order(one, names)[5] == pytest.approx(spearmanr(own, printed)[0])


def test_the_choices_of_a_run_share_all_of_its_variance(one):
    table = split_table({"pr": one}).set_index("choice")["places"]
    assert table.sum() == pytest.approx(1)
    assert table["multiplied"] > 0.05  # these maps were made half as strong
    assert "network" not in table  # there is one


def test_rho_of_an_option_is_the_mean_over_the_universes_that_have_it(one):
    table = option_table({"pr": one}).set_index(["choice", "option"])
    assert "network" not in table.index.get_level_values("choice")  # there is one
    rho = printed_order(one, one.universes.methods)
    places = [*product(*one.options.values())]
    choice = [*one.options].index("multiplied")
    for option in one.options["multiplied"]:
        own = [each for each, place in zip(rho, places, strict=True) if place[choice] == option]
        row = table.loc[("multiplied", option)]
        assert row["rho"] == pytest.approx(np.mean(own))
        assert (row["lowest"], row["highest"]) == pytest.approx((min(own), max(own)))


def test_the_page_has_what_survives_and_what_moves(findings, tmp_path):
    write_reproduction("multiverse", findings, {}, tmp_path)
    survival = pd.read_csv(tmp_path / "survival.csv").set_index("conclusion")
    assert {*survival["target"]} == {"pr"}  # no conclusion on several targets with one
    assert survival.loc["printed_winner_wins", "universes"] == 3 * 2**6 * 9
    assert survival["holds"].between(0, 1).all()
    assert {"split.csv", "options.csv", "survival.pdf"} < {each.name for each in tmp_path.iterdir()}


def test_by_chance_each_of_nine_methods_is_the_winner_in_a_ninth(one):
    table = survival_table({"pr": one}).set_index("conclusion")
    assert table.loc["printed_winner_wins", "chance"] == pytest.approx(1 / 9, abs=0.07)
    assert np.isnan(table.loc["one_order_for_every_cutoff", "chance"])  # names do not matter for it


def test_the_published_universes_are_the_first_options_with_every_network_and_noise(one):
    (wins,) = [
        row
        for row in survival_table({"pr": one}).to_dict("records")
        if row["conclusion"] == "printed_winner_wins"
    ]
    holds = OF_ONE["printed_winner_wins"](one.universes)
    first = {choice: next(iter(options)) for choice, options in rules()["choices"].items()}
    free = ("network", "noise")
    of_code = [
        value
        for value, place in zip(holds, product(*one.options.values()), strict=True)
        if all(
            choice in free or option == first[choice]
            for choice, option in zip(one.options, place, strict=True)
        )
    ]
    assert len(of_code) == len(one.options["network"]) * len(one.options["noise"]) > 1
    assert wins["published"] == pytest.approx(np.mean(of_code))


def test_conclusions_on_all_targets_are_judged_where_targets_have_the_same_universes(one):
    table = survival_table(
        {"pr": one, "qt": replace(one, universes=replace(one.universes, target="qt"))}
    )
    rows = table.set_index("conclusion")
    assert rows.loc["no_single_best", "holds"] == 0  # one target twice
    assert rows.loc["intervals_rise_less", "judged"] == 0  # there is no amplitude


def test_chance_is_of_the_universes_that_are_judged(one):
    """Half of the universes lack an area; in the others no method is above random."""
    areas = np.zeros_like(one.universes.areas)
    half = len(areas) // 2
    areas[:half] = np.arange(areas.shape[1], 0, -1)  # a winner, random last
    areas[:half, 3] = np.nan
    table = survival_table({"pr": replace(one, universes=replace(one.universes, areas=areas))})
    row = table.set_index("conclusion").loc["deconvolution_is_poor"]
    assert row["judged"] == len(areas) - half
    assert (row["holds"], row["chance"]) == (1, 1)  # without a best method all are poor


def test_without_its_options_a_run_has_no_universe_of_the_published_code(one, findings):
    def published(found):
        table = survival_table({"pr": multiverse("pr", sources(found)["pr"])})
        return table.set_index("conclusion")["published"]

    assert published(findings).between(0, 1).to_numpy().all()
    uncounted = [changed(each, nonzero={}) for each in findings]
    assert published(uncounted).isna().to_numpy().all()
    donors = [each for each in findings if each.curves[0].protocol.unit == "segment"]
    assert published(donors).isna().to_numpy().all()


def test_sweeps_on_different_ecgs_or_networks_are_refused(findings):
    first, second, *others = findings
    elsewhere = tuple(f"other-{name}" for name in second.about.records)
    moved = replace(second, about=replace(second.about, records=elsewhere))
    refitted = replace(second, about=replace(second.about, networks=("fedcba9876543210",)))
    for wrong in (moved, refitted):
        with pytest.raises(ValueError, match="of pr, median on the same ECGs and networks"):
            sources([first, wrong, *others])

"""How sure the order is: what the page says of effects, spread and ranks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import DEFAULT, Finding, joined, rank, rank_test
from ecglens.eval.ranking.outcome import of_the_mean
from ecglens.eval.statistics.crossed import Crossed, components
from ecglens.report import write_report
from ecglens.report.page import html
from ecglens.report.style import style
from ecglens.report.views.perturbation import perturbation_views
from ecglens.report.views.ranking_uncertainty import RankingUncertainty

from ..conftest import changed, of_views

Make = Callable[..., Finding]


def networks(make_finding: Make, count: int, **given: object) -> list[Finding]:
    """Networks that differ in their seed alone, each stronger than the one before."""
    made = []
    for seed in range(count):
        finding = make_finding(settings={"seed": seed}, **given)
        curves = finding.curves[0].predictions.items()
        stronger = {name: curve * (1 + 0.3 * seed) for name, curve in curves}
        made.append(changed(finding, {"networks": (str(seed),)}, predictions=stronger))
    return made


def test_what_the_sources_add_is_the_squared_error_of_patients_and_networks() -> None:
    random = np.random.default_rng(0)
    # Strong sources, so that no estimate is below 0.
    parts = (9 * random.normal(size=s) for s in ((3, 1, 1), (1, 1, 12), (3, 1, 12), (1, 4, 12)))
    values = sum(parts) + random.normal(size=(3, 4, 12))
    split = pd.DataFrame(components(values[None])._asdict())
    assert (split > 0).all(axis=None)
    total = of_the_mean(split, 3, 4, 12).sum(axis=1)
    error = Crossed.of([str(ecg) for ecg in range(12)]).estimate(values.mean(1)).error
    assert float(total[0]) == pytest.approx(float(error) ** 2)


def test_the_page_has_ranks_effects_and_the_split(make_finding: Make, tmp_path: Path) -> None:
    each = networks(make_finding, 2)
    page = write_report(each, tmp_path).read_text(encoding="utf-8")
    both = joined(each)
    ranking, test = rank(both), rank_test(both)
    assert "How sure is the order?" in page
    assert f"critical difference {test.critical_difference:.2f}" in page
    written = pd.read_csv(tmp_path / "pr-median-default-sureness.csv", index_col="method")
    expected = dict(zip(test.methods, test.mean_ranks, strict=True))
    assert written["mean_rank"].to_dict() == pytest.approx(expected)
    split = ranking.variance.loc[written.index]
    pd.testing.assert_frame_equal(written[split.columns], split)
    sure = RankingUncertainty(both, ranking)
    row = next(row for row in sure.rows if row["method"] == "saliency")
    assert sum(row["shares"]) == pytest.approx(1)
    assert row["sd"] == pytest.approx(np.sqrt(split.loc["saliency"].clip(lower=0).sum()))
    assert "too few to say what would help most" in page


def test_what_would_help_most_is_said_of_three_networks_and_not_of_two(make_finding: Make) -> None:
    each = networks(make_finding, 3)

    def told(count: int) -> str:
        several = joined(each[:count])
        return " ".join(RankingUncertainty(several, rank(several)).sentences)

    assert "more noise draws would help most" in told(1)
    assert "one degree of freedom" in told(2)
    assert "more networks would help most" in told(3)  # they differ by 30 %, the ECGs hardly


def test_ranks_that_may_be_chance_are_not_drawn(make_finding: Make) -> None:
    finding = make_finding()
    (curves,) = finding.curves
    same = dict.fromkeys(curves.methods, curves.predictions["saliency"])
    finding = changed(finding, predictions={**curves.predictions, **same})
    (section,) = perturbation_views([finding])
    assert "ranks" not in section.figures
    assert "ranks may differ by chance (Friedman\u2019s χ² = 0.00, p = 1.000)" in html(
        of_views(section)
    )


def test_where_there_is_too_little_a_sentence_says_so(make_finding: Make) -> None:
    one_draw = replace(DEFAULT, draws=1)
    (section,) = perturbation_views(
        [make_finding(methods=("saliency", "deeplift"), protocol=one_draw)]
    )
    assert section.uncertainty.sentences == [
        "There is one network and one noise draw: the spread cannot be split.",
        "One network cannot tell how a retrained one would rank them.",
        "Ranks are tested from 3 methods on.",
    ]
    assert "Mean rank" not in html(of_views(section))


def test_an_order_of_maps_that_beat_no_control_is_called_one(make_finding: Make) -> None:
    (section,) = perturbation_views([make_finding(gain=0.9)])
    assert "an order of maps not to rely on" in section.uncertainty.sentences[0]
    assert "Near the strongest" in html(of_views(section))
    assert ">strongest<" not in html(of_views(section))


def lifted(finding: Finding, by: dict[str, np.ndarray]) -> Finding:
    """The same with curves that move by a factor for each ECG."""
    moved = dict(finding.curves[0].predictions)
    for name, factor in by.items():
        clean = moved[name][..., :1]
        moved[name] = clean + (moved[name] - clean) * factor[None, :, None]
    return changed(finding, predictions=moved)


def test_generated_ecgs_are_not_called_patients(make_finding: Make) -> None:
    for source, said in (("deepfake", "24 generated ECGs"), ("ward", "24 patients")):
        finding = make_finding(source=source)
        text = " ".join(RankingUncertainty(finding, rank(finding)).sentences)
        assert f"Over {said} the methods’ ranks differ beyond chance" in text


def test_places_and_the_p_of_the_best_are_on_the_page(make_finding: Make) -> None:
    finding = make_finding()
    (section,) = perturbation_views([finding])
    page = html(of_views(section))
    table = section.ranking.table.set_index("method")
    assert "May be the best" in page
    assert "First place" in page
    assert table.loc[section.ranking.best, "first"] > 0.5
    row = section.uncertainty.table.set_index("method").loc["guided_gradcam"]
    assert row["p_best"] < 0.05
    assert f"{row['place_low']:.0f}–{row['place_high']:.0f}</td>" in page


def test_a_score_that_depends_on_the_label_is_named(make_finding: Make, tmp_path: Path) -> None:
    finding = make_finding()
    above = finding.curves[0].y > np.median(finding.curves[0].y)
    uneven = lifted(finding, {"deeplift": np.where(above, 1.0, 0.3)})
    text = " ".join(RankingUncertainty(uneven, rank(uneven)).sentences)
    assert "The score depends on the label of the ECG" in text
    assert "on one side): DeepLIFT. Largest gap" in text
    assert "depends on" not in " ".join(RankingUncertainty(finding, rank(finding)).sentences)
    write_report([uneven], tmp_path)
    written = pd.read_csv(tmp_path / "pr-median-default-strata.csv", index_col="method")
    assert written["matters"].to_dict() == {
        name: name == "deeplift" for name in finding.curves[0].methods
    }


def test_what_area_and_ranks_judge_differently_is_named(make_finding: Make) -> None:
    # SmoothGrad is a little ahead of saliency on 20 ECGs and far behind on 4: ranks call it first.
    finding = make_finding()
    curves = dict(finding.curves[0].predictions)
    moved = curves["saliency"] - curves["saliency"][..., :1]
    factor = np.where(np.arange(24) < 20, 1.02, 0.6)[None, :, None]
    curves["smoothgrad"] = curves["saliency"][..., :1] + moved * factor
    finding = changed(finding, predictions=curves)
    sure = RankingUncertainty(finding, rank(finding))
    table = sure.table.set_index("method")
    assert sure.ranking.best == "saliency"
    assert table["mean_rank"].idxmin() == "smoothgrad"
    behind = table["mean_rank"] - table.loc["saliency", "mean_rank"]
    assert sure.test is not None
    expected = [
        name
        for name in table.index
        if name != "saliency"
        and (table.loc[name, "p_best"] < 0.05) != (behind[name] >= sure.test.critical_difference)
    ]
    text = next(text for text in sure.sentences if text.startswith("Area measures how far"))
    assert expected
    assert all(style(name).label in text for name in expected)


def test_a_method_below_random_is_named_beside_its_no(make_finding: Make) -> None:
    finding = make_finding()
    low = lifted(finding, {"deeplift": np.full(24, 0.02)})
    (section,) = perturbation_views([low])
    page = html(of_views(section))
    assert ">no: below random</td>" in page
    assert "Significantly below random: DeepLIFT." in page
    assert "below random</td>" not in html(of_views(*perturbation_views([finding])))

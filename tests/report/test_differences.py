"""Sections of a sweep are told apart by what differs between them, and by nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import Target
from ecglens.eval import POINTS, Result
from ecglens.report import write_report
from ecglens.report.text.numerals import number
from ecglens.report.views.perturbation import gathered

Make = Callable[..., Result]
SAME = {"store": "a", "logger": {"csv": {"name": "csv"}}, "method": {"saliency": {"s": 1}}}


def swept(make_result: Make, key: str, /, **settings: Any) -> Result:
    return replace(make_result(settings={**SAME, **settings}), network=key)


def test_a_section_that_is_alone_has_no_more_than_its_heading(make_result: Make) -> None:
    qt = replace(make_result(target=Target("qt", "ms", "QT interval")), network="b")
    titles = [s.title for s in gathered([swept(make_result, "a", seed=3), qt])]
    assert titles == [
        "PR · median beats · default protocol",
        "QT · median beats · default protocol",
    ]


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (
            {"model": {"name": "small", "_target_": "a.Small", "targets": 1}},
            {"model": {"name": "reference", "_target_": "a.Reference", "targets": 2}},
            ("model small", "model reference"),
        ),
        (
            {"data": {"name": "exact", "noise_uv": 0.0, "split": {"seed": 0}}},
            {"data": {"name": "exact", "noise_uv": 10.5, "split": {"seed": 0}}},
            ("data noise uv 0", "data noise uv 10.5"),
        ),
        (
            {"seed": 0, "fit": {"name": "quick", "epochs": 10}},
            {"seed": 0, "fit": {"name": "quick", "epochs": 20}},
            ("fit epochs 10", "fit epochs 20"),
        ),
        (
            {"network": {"_target_": "my.one"}},
            {"network": {"_target_": "my.other"}},
            ("network my.one", "network my.other"),
        ),
        ({"store": "a"}, {"store": "b"}, ("network a", "network b")),
    ],
)
def test_titles_and_files_say_what_differs(
    make_result: Make,
    one: dict[str, Any],
    other: dict[str, Any],
    words: tuple[str, str],
) -> None:
    results = [swept(make_result, "a", **one), swept(make_result, "b", **other)]
    sections = gathered(results)
    heading = "PR · median beats · default protocol"
    assert [section.title for section in sections] == [f"{heading} · {word}" for word in words]
    keys = [f"pr-median-default-{word.replace(' ', '-').replace('.', '-')}" for word in words]
    assert [section.key for section in sections] == keys
    assert sections[0].curves.title == sections[0].title


def test_noise_of_the_rules_and_seeds_of_the_scores_are_told_without_settings(
    make_result: Make,
) -> None:
    usual = make_result(protocol=POINTS)
    gentle = make_result(protocol=replace(POINTS, noise=0.05))
    again = replace(usual, scores=replace(usual.scores, seed=1))
    ends = [section.title.rpartition(" · ")[2] for section in gathered([usual, gentle, again])]
    assert ends == ["seed 0, noise 0.2", "seed 0, noise 0.05", "seed 1, noise 0.2"]


def test_the_same_method_with_other_curves_gets_a_numbered_section_of_its_own(
    make_result: Make,
) -> None:
    results = [make_result(), make_result(gain=3.0), make_result()]
    sections = gathered(results)
    assert [section.title.rpartition(" · ")[2] for section in sections] == ["no. 1", "no. 2"]
    assert [s.key for s in sections] == ["pr-median-default-no-1", "pr-median-default-no-2"]


def test_networks_that_differ_in_their_seed_alone_are_ranked_together(
    make_result: Make, tmp_path: Path
) -> None:
    results = [swept(make_result, str(seed), seed=seed) for seed in range(3)]
    (section,) = gathered(results)
    assert section.results == tuple(results)
    assert section.ranking.networks == 3
    assert "3 networks" in section.verdict.sure
    # The curves are means over the networks, and so are the numbers in words.
    louder = make_result(gain=7.0, settings={**SAME, "seed": 3})
    louder = replace(louder, network="louder")
    (section,) = gathered([*results, louder])
    mean = section.curves.mean["saliency"]
    each = [gathered([result])[0].curves.mean["saliency"] for result in (*results, louder)]
    np.testing.assert_allclose(mean, np.mean(each, 0), rtol=1e-6)
    assert f"moves by {number(mean[15])} ms on average" in section.verdict.sure
    assert "3 networks" in write_report(results, tmp_path).read_text(encoding="utf-8")


def test_a_method_is_ranked_over_networks_under_the_same_settings_alone(make_result: Make) -> None:
    results = []
    # Seeds 0 and 1 under both settings, in another order each: the same name, other maps.
    for steps, seed in ((20, 0), (50, 0), (50, 1), (20, 1)):
        one = make_result(gain=steps / 5, settings={**SAME, "seed": seed})
        one.facts["settings"]["method"] = {"saliency": {"steps": steps}}
        results.append(replace(one, network=str(seed)))
    sections = gathered(results)
    assert [[each.network for each in section.results] for section in sections] == [["0", "1"]] * 2
    for section in sections:
        steps = [each.facts["settings"]["method"]["saliency"]["steps"] for each in section.results]
        assert len({*steps}) == 1

"""Sections of a sweep are told apart by what differs between them, and by nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import Target
from ecglens.eval import POINTS, Finding
from ecglens.report import Pseudonyms, run_views, write_report
from ecglens.report.answer.words import titles
from ecglens.report.text.numerals import number
from ecglens.report.text.words import sample_and_strongest
from ecglens.report.views.perturbation import perturbation_views

from ..conftest import changed, of_network

Make = Callable[..., Finding]
SAME = {"store": "a", "logger": {"csv": {"name": "csv"}}, "method": {"saliency": {"s": 1}}}


def swept(make_finding: Make, key: str, /, **settings: Any) -> Finding:
    return of_network(make_finding(settings={**SAME, **settings}), key)


def test_a_section_that_is_alone_has_no_more_than_its_heading(make_finding: Make) -> None:
    qt = of_network(make_finding(target=Target("qt", "ms", "QT interval")), "b")
    titles = [s.title for s in perturbation_views([swept(make_finding, "a", seed=3), qt])]
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
    make_finding: Make, one: dict[str, Any], other: dict[str, Any], words: tuple[str, str]
) -> None:
    findings = [swept(make_finding, "a", **one), swept(make_finding, "b", **other)]
    sections = perturbation_views(findings)
    heading = "PR · median beats · default protocol"
    assert [section.title for section in sections] == [f"{heading} · {word}" for word in words]
    keys = [f"pr-median-default-{word.replace(' ', '-').replace('.', '-')}" for word in words]
    assert [section.key for section in sections] == keys
    assert sections[0].curves.title == sections[0].title
    answers = titles(run_views(findings, Pseudonyms()))
    assert [*answers.values()] == [f"PR · median beats · {word}" for word in words]


def test_noise_of_the_rules_and_seeds_of_the_scores_are_told_without_settings(
    make_finding: Make,
) -> None:
    usual = make_finding(protocol=POINTS)
    gentle = make_finding(protocol=replace(POINTS, noise=0.05))
    again = changed(usual, {"seed": 1}, seed=1)
    ends = [
        section.title.rpartition(" · ")[2] for section in perturbation_views([usual, gentle, again])
    ]
    assert ends == ["seed 0, noise 0.2", "seed 0, noise 0.05", "seed 1, noise 0.2"]


def test_the_same_method_with_other_curves_gets_a_numbered_section_of_its_own(
    make_finding: Make,
) -> None:
    findings = [make_finding(), make_finding(gain=3.0), make_finding()]
    sections = perturbation_views(findings)
    assert [section.title.rpartition(" · ")[2] for section in sections] == ["no. 1", "no. 2"]
    assert [s.key for s in sections] == ["pr-median-default-no-1", "pr-median-default-no-2"]


@pytest.mark.heavy
def test_networks_that_differ_in_their_seed_alone_are_ranked_together(
    make_finding: Make, tmp_path: Path
) -> None:
    findings = [swept(make_finding, str(seed), seed=seed) for seed in range(3)]
    (section,) = perturbation_views(findings)
    assert section.finding.about.networks == ("0", "1", "2")
    assert section.finding.curves == tuple(each.curves[0] for each in findings)
    assert section.ranking.networks == 3
    assert "3 networks" in sample_and_strongest(section.each, section.ranking)
    # The curves are means over the networks, and so are the numbers in words.
    louder = make_finding(gain=7.0, settings={**SAME, "seed": 3})
    louder = of_network(louder, "louder")
    (section,) = perturbation_views([*findings, louder])
    mean = section.curves.mean["saliency"]
    each = [
        perturbation_views([finding])[0].curves.mean["saliency"] for finding in (*findings, louder)
    ]
    np.testing.assert_allclose(mean, np.mean(each, 0), rtol=1e-6)
    assert f"moves by {number(mean[15])} ms on average" in sample_and_strongest(
        section.each, section.ranking
    )
    assert "3 networks" in write_report(findings, tmp_path).read_text(encoding="utf-8")


def test_a_method_is_ranked_over_networks_under_the_same_settings_alone(make_finding: Make) -> None:
    findings = []
    # Seeds 0 and 1 under both settings, in another order each: the same name, other maps.
    for steps, seed in ((20, 0), (50, 0), (50, 1), (20, 1)):
        method = {"saliency": {"steps": steps}}
        one = make_finding(gain=steps / 5, settings={**SAME, "seed": seed, "method": method})
        findings.append(of_network(one, str(seed)))
    sections = perturbation_views(findings)
    assert [[*section.finding.about.networks] for section in sections] == [["0", "1"]] * 2
    for section in sections:
        steps = [each.facts["settings"]["method"]["saliency"]["steps"] for each in section.each]
        assert len({*steps}) == 1

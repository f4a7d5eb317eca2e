"""A page says one thing of a map, and nothing of a network that has not learned its target."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ecglens import rank_methods
from ecglens.ecg import draw_exact, exact_beat
from ecglens.eval import Finding
from ecglens.eval.evaluations.sanity import Weights
from ecglens.report import Pseudonyms, ranking_lines, run_views, write_page
from ecglens.report.answer.top import top_words
from ecglens.report.next_run import Made
from ecglens.report.wandb.panels import _methods as methods_table
from ecglens.report.wandb.panels import summary
from ecglens_sheets.known import supported
from torch import nn

from ..conftest import PR, changed, with_rungs
from ..findings import about, of_effects, of_return, of_weights

KEY = "0123456789abcdef"  # network of make_finding
SETTINGS = {"settings": {"target": {"name": "pr"}, "fit": {"epochs": 8}},
            "command": ["ecglens", "train"]}  # fmt: skip


def visible(page: Path) -> str:
    """The text of a page, without its tags."""
    text = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", page.read_text("utf-8"), flags=re.S)
    return re.sub(r"\s+", " ", text)


def weights() -> Finding:
    """Saliency passes both gates, DeepLIFT fails one."""
    return of_weights(about(Weights(), target=PR, network=KEY))


def unread(finding: Finding) -> Finding:
    """The finding on a network that answers 161 ms, moved by a hundredth of a millisecond."""
    (curves,) = finding.curves
    return changed(finding, predictions={
        name: (161 + 0.01 * (each - each[..., :1])).astype(np.float32)
        for name, each in curves.predictions.items()
    })  # fmt: skip


def test_a_page_recommends_nowhere_a_map_that_failed_a_test(make_finding, tmp_path):
    finding = make_finding(methods=("deeplift", "saliency"), **SETTINGS)
    curves = finding.curves[0].predictions
    # DeepLIFT is above every rung, those of other patients too, and one map for every ECG.
    random = curves["random"]
    strong = with_rungs(finding, random, deeplift=random, saliency=random)
    both = of_return({"deeplift": True, "saliency": True}, [KEY])
    run = run_views([strong, weights(), both], Pseudonyms())
    (answer,) = run.answers
    assert answer.of["deeplift"].level == 3
    assert answer.of["deeplift"].this_ecg.verdict == "shown"
    assert answer.of["deeplift"].use == "do not use"
    said = visible(write_page(run, tmp_path, Pseudonyms()))
    claims = re.findall(r"Specific to its ECG: ([^.]*)\.", said)
    assert claims == ["Saliency"]
    assert "Use DeepLIFT" not in said
    assert (run.answers[0].best, summary(run, 1.0)["best"]) == ("saliency", "Saliency")
    assert supported(run).method == "saliency"
    for lines in ranking_lines(run):
        answers = dict(zip(lines.table["method"], lines.table["answer"], strict=True))
        assert answers["DeepLIFT"] == "✕ do not use"


@pytest.mark.heavy
def test_page_terminal_and_wandb_name_what_was_measured_and_no_use_changes(make_finding, tmp_path):
    finding = make_finding(methods=("deeplift", "saliency"), **SETTINGS)
    effects = of_effects({"saliency": 0.3, "deeplift": -0.3})
    effects = replace(effects, about=replace(effects.about, networks=(KEY,)))
    without = run_views([finding, weights()], Pseudonyms())
    run = run_views([finding, weights(), effects], Pseudonyms())
    assert [each.use for each in run.answers[0].methods] == [
        each.use for each in without.answers[0].methods
    ]
    page = visible(write_page(run, tmp_path, Pseudonyms()))
    agrees = "It agrees with the effects measured by wave and lead."
    against = "It disagrees with the effects measured by wave and lead: a map that never"
    assert agrees in page
    assert against in page
    assert page.index(against) < page.index("It failed", page.index(against))
    (lines,) = ranking_lines(run)
    assert "Effects measured by wave and lead disagree with DeepLIFT." in lines.sentences
    methods = {each["method"]: each["measured effects"] for each in methods_table(run)}
    left_out = methods.pop("Guided backprop")
    assert methods == {"Saliency": "agrees", "DeepLIFT": "disagrees"}
    assert left_out == "not measured"
    assert not any("measured effects" in each for each in methods_table(without))
    (lines,) = ranking_lines(without)
    assert not any("measured by wave" in each for each in lines.sentences)
    assert "measured by wave" not in visible(write_page(without, tmp_path / "b", Pseudonyms()))


def test_a_network_that_reads_a_constant_gets_a_banner_and_no_map(make_finding, tmp_path):
    finding = unread(make_finding(methods=("saliency", "deeplift"), **SETTINGS))
    run = run_views([finding, weights()], Pseudonyms())
    (answer,) = run.answers
    assert answer.reads.verdict == "does not read"
    assert answer.reads.value < 0.01
    # Without this gate the map would be used: it passed every other.
    assert {*answer.of["saliency"].gates.values()} == {"passes"}
    assert answer.use == ()
    page = visible(write_page(run, tmp_path, Pseudonyms()))
    assert "This network has not learned PR: R² is" in page
    assert "No map: the network has not learned PR." in page
    assert page.count("its interval has to lie above 0.100") == 1
    assert top_words(answer, finding.facts).why == ""
    assert "Train longer, until the network reads its target." in page
    assert top_words(answer, finding.facts).command == "ecglens train fit.epochs=16"
    more = replace(answer, run=replace(answer.run, longer=30))  # of 8 epochs
    assert top_words(more, finding.facts, Made(tmp_path, 6.0)).minutes == "≈ 22 min"
    assert "● use" not in page
    shown = supported(run)
    assert shown.method == ""
    assert shown.unread.startswith("This network has not learned PR")
    assert (summary(run, 1.0)["best"], summary(run, 1.0)["use"]) == ("none", "none")
    (lines,) = ranking_lines(run)
    assert lines.answer[0] == shown.unread


@pytest.mark.heavy
def test_a_real_network_that_reads_a_constant_is_found_from_python():
    class Constant(nn.Module):
        """161 ms, and next to nothing of the ECG."""

        def __init__(self) -> None:
            super().__init__()
            self.reads = nn.Conv1d(12, 1, 9)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 161 + 1e-6 * self.reads(x).square().mean(-1).sqrt()

    torch.manual_seed(0)
    beats = [exact_beat(draw_exact(3, number)) for number in range(12)]
    x = torch.stack([torch.from_numpy(beat.signal) for beat in beats])
    y = torch.tensor([beat.labels["pr"] for beat in beats])
    ranked = rank_methods(Constant().eval(), x, y, methods=["saliency"], workers=1)
    assert ranked.answer.reads.verdict == "does not read"
    assert ranked.best is None
    assert "has not learned" in repr(ranked)
    assert rank_methods(
        Constant().eval(), x, methods=["saliency"], workers=1
    ).answer.reads.verdict == ("not tested")

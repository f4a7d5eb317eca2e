"""Weights & Biases: what an offline run holds, read back; nothing breaks without the package."""

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.eval import LADDER_LEVELS, POINTS, Finding, rank
from ecglens.eval.evaluations.sanity import Weights
from ecglens.report import (
    Pseudonyms,
    log_findings,
    log_to_wandb,
    open_wandb,
    run_views,
    style,
    write_report,
)
from ecglens.report.wandb.log import sweep_summary
from ecglens.report.wandb.panels import BEAT, SUMMARY, summary
from ecglens_compare import specification, workspace
from ecglens_metrics import Consistency
from PIL import Image

from ..offline_runs import OfflineRun, read_run
from .conftest import PR, build, of_network
from .findings import about, of_rho, of_weights

Make = Callable[..., Finding]
SECRET = {"data": {"name": "muse", "path": "/ward/Okonkwo"}, "target": {"name": "pr"}}
TABLES = {"ranking", "sureness", "uncertainty", "friedman", "strata"}
TEN = {"best", "use", "level", *BEAT, "fit_error", "ecgs", "excluded", "minutes"}


@pytest.fixture(scope="module", params=[True, False], ids=["open", "stays"])
def logged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bool, list[Finding], OfflineRun]:
    """A ranking and a table, of ECGs that may leave or may not, and their run."""
    open_data, folder = request.param, tmp_path_factory.mktemp("run")
    facts = {"may_leave_machine": open_data}
    names = tuple(f"Okonkwo-{n}" for n in range(24)) if not open_data else None
    own = build(shown=2, records=names, settings=SECRET if not open_data else {}, **facts)
    findings = [own, of_rho(about(Consistency(), facts=facts))]
    before = dict(os.environ)
    assert log_to_wandb(findings, folder, SECRET, group="sweep-1") is not None
    ours, former = ({*each} - {"WANDB_SERVICE"} for each in (os.environ, before))
    assert ours == former
    return open_data, findings, read_run(folder)


@pytest.mark.heavy
def test_a_run_has_one_chart_of_all_curves_and_no_chart_of_one_point(logged) -> None:
    open_data, (ranked, _), run = logged
    assert {*run.charts} == ({"default/curves"} if open_data else set())
    (item,) = run.history  # everything at one step
    numbers = [key for key, value in item.items() if "." not in key and not key.startswith("_")]
    assert numbers == []
    if not open_data:
        return
    chart = run.charts["default/curves"]
    assert chart["panelDefId"] == "wandb/lineseries/v0"
    assert chart["stringSettings"]["title"] == "change of the prediction (ms)"
    table = run.table("Custom Chart Tables/default/curves_table")
    assert table["columns"] == ["step", "lineKey", "lineVal"]
    curves = ranked.curves[0]
    assert {row[1] for row in table["data"]} == {style(name).label for name in curves.predictions}
    drawn = [row[2] for row in table["data"] if row[1] == "Saliency"]
    moved = np.abs(curves.predictions["saliency"] - curves.predictions["saliency"][..., :1])
    np.testing.assert_allclose(drawn, moved.mean((0, 1)), rtol=1e-4)


@pytest.mark.heavy
def test_a_run_has_these_panels_and_no_others(logged) -> None:
    open_data, _, run = logged
    kind = "table-file" if open_data else "html-file"
    tables = {f"answer/{name}" for name in ("methods", "evaluations", "networks")}
    tables |= {f"default/{name}" for name in TABLES} | {"consistency/methods"}
    assert {key for key, each in run.panels.items() if each == kind} == tables | (
        {"ecgs/heatmaps", "Custom Chart Tables/default/curves_table"} if open_data else set()
    )
    pictures = {"default/figure-ranking", "default/figure-ranks", "consistency/figure-agreement"}
    pictures |= set() if open_data else {"default/figure-curves"}
    found = {key for key, each in run.panels.items() if each == "image-file"}
    assert {key for key in found if "consistency" not in key} == {
        key for key in pictures if "consistency" not in key
    }
    assert {*run.panels.values()} == {kind, "image-file"}
    assert run.about["run_group"] == "sweep-1"


@pytest.mark.heavy
def test_the_table_of_a_ranking_has_its_numbers_under_printed_names(logged) -> None:
    open_data, (ranked, _), run = logged
    table = rank(ranked).table.set_index("method")
    if open_data:
        shown = run.table("default/ranking")
        place, value = (shown["columns"].index(name) for name in ("method", "value"))
        found = {row[place]: row[value] for row in shown["data"]}
        assert found["SmoothGrad"] == pytest.approx(table.loc["smoothgrad", "value"])
        assert len(found) == len(table)
    else:
        (path,) = [each["default/ranking.path"] for each in run.history]
        text = (run.files / path).read_text("utf-8")
        assert "SmoothGrad" in text
        assert f"<td>{table.loc['smoothgrad', 'value']:.6g}</td>" in text


@pytest.mark.heavy
def test_each_ecg_of_the_gallery_has_a_row_with_a_picture_per_method(logged) -> None:
    open_data, (ranked, _), run = logged
    if not open_data:
        return
    (made,) = [each for each in run.of("artifact") if "ecgsheatmaps" in each["name"]]
    places = {each["path"]: Path(each["local_path"]) for each in made["manifest"]["contents"]}
    table = json.loads(places["ecgs/heatmaps.table.json"].read_text("utf-8"))
    curves = ranked.curves[0]
    labels = [style(name).label for name in curves.gallery.heatmaps]
    assert table["columns"] == ["record", "target", "start value", "true value", *labels]
    assert [row[0] for row in table["data"]] == [*curves.gallery.records]
    first = table["data"][0]
    assert first[1] == "PR (ms)"
    assert first[2] == pytest.approx(float(curves.predictions["saliency"][0, 0, 0]))
    assert first[3] == pytest.approx(float(curves.y[0]))
    for row in table["data"]:
        for cell in row[4:]:
            with Image.open(places[cell["path"]]) as picture:
                assert 400 < picture.width < 800
    assert max(each.stat().st_size for each in places.values()) < 40_000


def test_the_summary_has_ten_values_and_no_others(make_finding: Make) -> None:
    found = summary(run_views([make_finding()], Pseudonyms()), minutes=2.5)
    assert tuple(found) == SUMMARY
    assert {*found} == TEN
    assert len(TEN) == 10
    assert len(BEAT) == len(LADDER_LEVELS)
    assert found["fit_error"] == 5.1
    assert found["ecgs"] == 24
    assert found["excluded"] == 2
    assert found["minutes"] == 2.5
    # Without networks whose weights and labels were permuted no map is one to use, though
    # saliency, the first of the methods, moves the prediction most.
    assert (found["best"], found["use"]) == ("none", "none")
    assert found["level"] == "beats the controls"
    assert found["beat_random"] == 5


def test_the_summary_is_of_the_ranking_where_another_evaluation_had_fewer_ecgs(
    make_finding: Make,
) -> None:
    fewer = of_rho(about(Consistency(), ecgs=12))
    found = summary(run_views([fewer, make_finding()], Pseudonyms()), minutes=1.0)
    assert (found["ecgs"], found["excluded"], found["fit_error"]) == (24, 2, 5.1)


def test_the_error_of_the_summary_is_the_mean_over_networks_whose_findings_came_singly(
    make_finding: Make,
) -> None:
    fits = {"a" * 16: {"mae": 5.0}, "b" * 16: {"mae": 7.0}}
    each = [
        of_network(make_finding(fit=fit, settings={"seed": n}), key)
        for n, (key, fit) in enumerate(fits.items())
    ]
    assert summary(run_views(each, Pseudonyms()), minutes=1.0)["fit_error"] == 6.0


def passed(*methods: str) -> Finding:
    """These methods passed the tests of what was learned, on the network of make_finding."""
    both = {f"{gate}_verdict": ["passes", "passes", "fails"] for gate in ("redrawn", "labels")}
    finding = of_weights(about(Weights(), target=PR, network="0123456789abcdef"))
    table = finding.table.assign(method=[*methods, "random"], **both)
    return replace(finding, table=table)


def test_the_best_method_is_the_strongest_of_those_to_use(make_finding: Make) -> None:
    def found(*findings: Finding) -> tuple[str, str]:
        made = summary(run_views(findings, Pseudonyms()), minutes=1.0)
        return made["best"], made["use"]

    tests = passed("saliency", "smoothgrad")
    strong = make_finding(methods=("deeplift", "smoothgrad", "saliency"))
    assert found(strong) == ("none", "none")
    assert found(strong, tests) == ("SmoothGrad", "SmoothGrad, Saliency")
    points = make_finding(methods=("deeplift", "saliency"), protocol=POINTS)  # decides nothing
    assert found(points, strong, tests) == ("SmoothGrad", "SmoothGrad, Saliency")
    weak = make_finding(gain=0.1, methods=("smoothgrad", "saliency"))
    assert found(weak, tests) == ("none", "none")
    assert found(of_rho(about(Consistency()))) == ("not tested", "not tested")


def test_the_summary_of_a_sweep_says_which_method_is_best_in_most_jobs(make_finding: Make) -> None:
    def of(*jobs: Finding) -> dict[str, Any]:
        tests = passed("saliency", "smoothgrad")
        return sweep_summary([run_views([each, tests], Pseudonyms()) for each in jobs])

    saliency = make_finding(methods=("saliency", "smoothgrad"))
    smoothgrad = make_finding(methods=("smoothgrad", "saliency"))
    unranked = of_rho(about(Consistency()))
    found = of(saliency, smoothgrad, saliency, unranked)
    assert found == {
        "jobs": 4,
        "findings": 8,
        "best": "Saliency",
        "best_share": pytest.approx(2 / 3),  # the fourth job has no ranking
        "jobs_use": 3,
        "jobs_none": 0,
    }
    tied = of(smoothgrad, saliency)
    assert (tied["best"], tied["best_share"]) == ("Saliency, SmoothGrad", 0.5)
    untested = of(unranked)
    assert (untested["best"], untested["jobs_none"]) == ("not tested", 0)
    assert np.isnan(untested["best_share"])


def test_a_run_that_a_failed_job_left_open_is_not_used_by_the_next(tmp_path: Path) -> None:
    first = open_wandb(tmp_path / "a", False, mode="offline", project="ecglens", name="a")
    second = open_wandb(tmp_path / "b", True, mode="offline", project="ecglens", name="b")
    try:
        assert (second.name, second.id != first.id) == ("b", True)
        assert Path(second.dir).is_relative_to(tmp_path / "b")
        assert second.settings.console == "off"
    finally:
        second.finish()


@pytest.mark.heavy
def test_the_summary_of_a_run_is_of_its_rankings(logged) -> None:
    _, _, run = logged
    assert {*run.summary} == TEN


@pytest.mark.heavy
def test_of_ecgs_that_stay_nothing_names_one_or_shows_one(logged) -> None:
    open_data, (ranked, _), run = logged
    if open_data:
        return
    sent = [each.read_bytes() for each in run.files.rglob("*") if each.is_file()]
    sent.append(str(run.records).encode())
    assert not [each for each in sent if b"Okonkwo" in each or b"/ward" in each]
    assert run.artifacts == {}
    assert b"Okonkwo" in "".join(ranked.about.records).encode()


def test_an_online_run_without_a_server_is_offline_at_once_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")  # the port that discards
    monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
    for name in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path))  # given back after the test
    wandb = pytest.importorskip("wandb")
    wandb.teardown()  # it read the variables when it began
    begun = time.monotonic()
    try:
        run = open_wandb(tmp_path, False, mode="online", project="ecglens")
        assert time.monotonic() - begun < 60  # of 90 and more
        assert run.settings.mode == "offline"
        run.finish()
    finally:
        wandb.teardown()
    assert [*(tmp_path / "wandb").glob("offline-run-*/*.wandb")]
    (line,) = [each for each in capsys.readouterr().err.splitlines() if "does not answer" in each]
    assert line.startswith("W&B: http://127.0.0.1:9 does not answer; the run is kept offline")


def test_without_the_package_one_line_is_said(
    make_finding: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("ecglens.report.wandb.log.find_spec", lambda name: None)
    assert log_to_wandb([make_finding()], tmp_path) is None
    assert capsys.readouterr().err.endswith("; pip install '.[wandb]' in a copy of the source\n")
    assert list(tmp_path.iterdir()) == []


class Run:
    """What log_findings needs of a run of W&B's."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {}
        self.summary: dict[str, Any] = {}

    def log(self, shown: dict[str, Any]) -> None:
        self.shown |= shown


@pytest.mark.heavy
def test_the_page_in_a_panel_names_files_without_linking_to_them(
    make_finding: Make, tmp_path: Path
) -> None:
    pytest.importorskip("wandb")
    findings, run = [make_finding()], Run()
    path = write_report(findings, tmp_path)
    log_findings(run, run_views(findings, Pseudonyms()), path)
    page, shown = path.read_text(encoding="utf-8"), run.shown["answer/report"].html
    files = set(re.findall(r'<a href="([^"#:]+)"', page))
    assert {each.rpartition(".")[2] for each in files} >= {"csv", "txt", "bib", "md"}
    # Nothing but files is taken off: places on the page and addresses are still links.
    assert re.findall(r'href="([^"]*)"', shown) == [
        each for each in re.findall(r'href="([^"]*)"', page) if each not in files
    ]
    assert 'href="#' in shown
    assert all(each in shown for each in files)


@pytest.mark.heavy
def test_every_panel_of_the_workspace_shows_what_a_run_has(logged) -> None:
    pytest.importorskip("wandb_workspaces")
    open_data, _, run = logged
    if not open_data:
        return
    made = specification(workspace("ward", "ecglens", ["default"], ["consistency"]))
    bank = made["section"]["panelBankConfig"]["sections"]
    shown = [panel for section in bank for panel in section["panels"]]
    tables = {
        panel["config"]["panel2Config"]["exp"]["fromOp"]["inputs"]["key"]["val"]
        for panel in shown
        if panel["viewType"] == "Weave"
    }
    media = {
        key for p in shown if p["viewType"] == "Media Browser" for key in p["config"]["mediaKeys"]
    }
    elsewhere = {
        "sweep/methods",
        "sweep/report",
        "answer/report",
    }  # of a sweep, and of a job's page
    untested = {"default/ladder", "default/figure-ladder", "answer/agreements"}
    assert (tables | media) - elsewhere - untested <= {*run.panels}
    assert {"answer/methods", "ecgs/heatmaps", "default/ranking", "consistency/methods"} < tables
    (chart,) = [panel["config"] for panel in shown if panel["viewType"] == "Vega2"]
    own = run.charts["default/curves"]
    assert chart["panelDefId"] == own["panelDefId"]
    assert chart["fieldSettings"] == own["fieldSettings"]
    keys = [table_key(each["userQuery"]) for each in (chart, own)]
    assert keys == ["Custom Chart Tables/default/curves_table"] * 2
    pinned = made["section"]["runSets"][0]["runFeed"]["columnPinned"]
    assert {*pinned} == {"run:displayName", *(f"summary:{name}" for name in TEN)}


def table_key(query: dict[str, Any]) -> str:
    (fields,) = (each["fields"] for each in query["queryFields"])
    (table,) = (each for each in fields if each["name"] == "summaryTable")
    return table["args"][0]["value"]

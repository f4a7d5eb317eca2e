"""Weights & Biases: everything is in an offline run, and nothing breaks without the package."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ecglens.eval import Finding, rank, rank_test
from ecglens.eval.evaluations.sanity import Consistency
from ecglens.report import log_to_wandb, open_wandb

from .findings import about, of_rho

Make = Callable[..., Finding]


def test_an_offline_run_read_back_holds_areas_curves_and_pictures(
    make_finding: Make, tmp_path: Path
) -> None:
    finding = make_finding(shown=2)
    before = dict(os.environ)
    folder = log_to_wandb([finding], tmp_path, {"target": "pr"}, group="sweep-1")
    assert folder is not None
    ours = {name for name in os.environ if name.startswith("WANDB_")} - {"WANDB_SERVICE"}
    assert ours == {name for name in before if name.startswith("WANDB_")}
    program = Path(sys.executable).with_name("wandb")
    found = subprocess.run(
        [program, "leet", "inspect", "--summary", "--json", folder.parent],
        capture_output=True,
        check=True,
        text=True,
        env=before | {"HOME": str(tmp_path)},
    )
    read = json.loads(found.stdout)
    assert read["state"] == "finished"
    assert read["config"]["target"] == "pr"
    summary, table = read["summary"], rank(finding).table.set_index("method")
    for name in finding.curves[0].predictions:
        assert summary[f"pr-median-default/auc/{name}"] == pytest.approx(table.loc[name, "value"])
        assert f"pr-median-default/curve/{name}" in summary
    assert summary["pr-median-default/best"] == "saliency"
    assert summary["pr-median-default/fit/mae"] == 5.1
    assert summary["pr-median-default/ranking"]["_type"] == "table-file"
    (mean_rank,) = rank_test(finding).mean_ranks[:1]
    assert summary["pr-median-default/mean_rank/saliency"] == pytest.approx(mean_rank)
    spread = rank(finding).variance.loc["saliency", "draw"]
    assert summary["pr-median-default/draw/saliency"] == pytest.approx(spread)
    assert "pr-median-default/network/saliency" not in summary  # one network tells nothing of it
    for name in ("curves", "ranking", "ranks", "twelve-leads", "averaged"):
        picture = summary[f"pr-median-default/figure/{name}"]
        assert picture["_type"] == "image-file"
        assert (folder / picture["path"]).stat().st_size > 3000
    shutil.rmtree(folder.parent)


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


class Recorder:
    """A run that is already open, as a Lightning logger holds one."""

    def __init__(self, folder: Path) -> None:
        self.dir, self.summary = str(folder), {}
        self.logged: list[dict[str, Any]] = []
        self.finished = False

    def define_metric(self, name: str, step_metric: str) -> None:
        assert step_metric.endswith("points")

    def log(self, values: dict[str, Any]) -> None:
        self.logged.append(values)

    def finish(self) -> None:
        self.finished = True


def test_an_open_run_is_used_and_stays_open(
    make_finding: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = SimpleNamespace(Image=lambda picture, caption: 0, Table=lambda dataframe: 0)
    monkeypatch.setitem(sys.modules, "wandb", kinds)
    run = Recorder(tmp_path)
    assert log_to_wandb([make_finding()], tmp_path, run=run) == tmp_path
    assert not run.finished
    points = [values["pr-median-default/points"] for values in run.logged[:-1]]
    assert points == list(range(26))
    assert run.logged[0]["pr-median-default/curve/saliency"] == 0.0


def test_of_ecgs_that_stay_no_picture_of_one_is_logged(
    make_finding: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = SimpleNamespace(Image=lambda picture, caption: caption, Table=lambda dataframe: 0)
    monkeypatch.setitem(sys.modules, "wandb", kinds)
    for stays, shown in ((False, 6), (True, 3)):
        run, settings = Recorder(tmp_path), {"data": {"name": "muse", "path": "/ward/Okonkwo"}}
        finding = make_finding(may_leave_machine=not stays, settings=settings, shown=2)
        log_to_wandb([finding], tmp_path, run=run)
        pictures = [name for name in run.logged[-1] if "/figure/" in name]
        assert len(pictures) == shown
        assert "Okonkwo" not in str(run.logged) + str(run.summary)
    assert {name.rpartition("/")[2] for name in pictures} == {"curves", "ranking", "ranks"}
    assert not [
        name for name in run.logged[-1] if name.endswith("/ranking") and name not in pictures
    ]
    table = rank(finding).table.set_index("method")
    for name in ("low", "high", "beats_controls"):
        numbers = run.summary[f"pr-median-default/ranking/saliency/{name}"]
        assert numbers == table.loc["saliency", name]


def test_of_ecgs_that_stay_no_table_of_a_view_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = SimpleNamespace(Image=lambda picture: 0, Table=lambda dataframe: "a file")
    monkeypatch.setitem(sys.modules, "wandb", kinds)
    for may_leave in (True, False):
        run = Recorder(tmp_path)
        own = of_rho(about(Consistency(), facts={"may_leave_machine": may_leave}))
        log_to_wandb([own], tmp_path, run=run)
        assert ("a file" in run.logged[-1].values()) is may_leave
    assert run.summary["pr-median-consistency/methods/rho/saliency/value"] == 0.13
    assert run.summary["pr-median-consistency/methods/rho/deeplift/verdict"] == "fails"


def test_findings_without_curves_say_whether_their_ecgs_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []

    def opened(folder: Path, stays: bool, **settings: Any) -> Recorder:
        told.append(stays)
        assert stays is not ("Okonkwo" in str(settings))
        return Recorder(folder)

    monkeypatch.setattr("ecglens.report.wandb.open_wandb", opened)
    monkeypatch.setattr("ecglens.report.wandb._log_view", lambda run, view: None)
    for may_leave in (True, False):
        own = of_rho(about(Consistency(), facts={"may_leave_machine": may_leave}))
        settings = {"data": {"name": "muse", "path": "/ward/Okonkwo"}}
        log_to_wandb([own], tmp_path, settings)
    assert told == [False, True]


def test_without_the_package_one_line_is_said(
    make_finding: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("ecglens.report.wandb.find_spec", lambda name: None)
    assert log_to_wandb([make_finding()], tmp_path) is None
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []

"""Runs on Weights & Biases as the commands make them: names, lineage, and other loggers."""

import os
import shutil
import time
from pathlib import Path

import pytest
from ecglens.cli import composed
from ecglens.eval import load_finding
from ecglens.jobs.job import Job
from ecglens.jobs.loggers import Stages, distinct, note, open_loggers, send, send_sweep
from ecglens.jobs.runs import contents_of, findings_in
from ecglens.report import Identity, Pseudonyms, run_views
from ecglens.store import Step, Store, begin_job

from ..offline_runs import read_run

BASE = ("data=exact", "target=pr")
# Each changes what is computed.
CHANGED = (
    "seed=1",
    "ecgs=5",
    "fit.epochs=2",
    "method=saliency",
    "data.n=99",
    "permute_labels=true",
)


def identity(*words: str, command: str = "train") -> Identity:
    return Job(composed([*BASE, *words]), Path(), command=command).identity


@pytest.mark.heavy
def test_runs_that_differ_in_one_setting_have_different_names_and_ids() -> None:
    several = [identity(), *(identity(word) for word in CHANGED), identity(command="evaluate")]
    assert len({each.name for each in several}) == len({each.id for each in several}) == 8


def test_the_same_run_made_again_elsewhere_has_the_same_name_and_id() -> None:
    again = identity("workers=1", "store=/elsewhere", "logger=csv")
    assert again == identity()


def test_a_name_and_tags_tell_target_input_data_network_evaluations_and_seed() -> None:
    found = identity("seed=[0,1]", "target=qrs", "permute_labels=true")
    asked = ("default", "noise_10", "weights", "return_test", "measure")
    assert found.name == f"qrs-median-exact-small-{'+'.join(asked)}-seed0+1-{found.id[:6]}"
    assert found.group == "qrs-median-exact"
    assert found.job_type == "train"
    assert found.tags == (
        "qrs", "median", "exact", "small", *asked, "seed 0", "seed 1", "permuted labels",
    )  # fmt: skip


def test_an_artifact_has_the_name_of_its_folder_in_the_store_and_says_who_made_it(
    tmp_path: Path,
) -> None:
    store, page = Store(tmp_path / "store"), tmp_path / "run" / "report.html"

    def build(part: Path) -> None:
        (part / "kept").write_text("1")

    network, maps = Step("networks", 1), Step("attributions", 3)
    store.folder(network, {"seed": 0}, build)
    store.folder(network, {"seed": 2}, build)
    for folder in (store.path(network, {"seed": seed}) for seed in (0, 2)):
        os.utime(folder / "settings.json", (1, 1))  # made long ago
    begin_job()
    begun = time.time() - 60
    old = store.folder(network, {"seed": 0}, build)
    new = store.folder(network, {"seed": 1}, build)
    store.folder(maps, {"method": "saliency"}, build)
    found = {each.name: each for each in contents_of("abc", page, store.root, begun)}
    assert {name for name in found if "network" in name} == {
        f"network-{folder.name}" for folder in (old, new)
    }
    assert [found[f"network-{folder.name}"].made for folder in (old, new)] == [False, True]
    assert {each.kind for each in found.values()} == {"network", "heatmaps", "scores", "report"}
    assert found["scores-abc"].paths == (page.parent / "findings",)
    again = {each.name for each in contents_of("other", page, store.root, begun)}
    assert {*found} - again == {"scores-abc", "report-abc"}  # the same maps have the same name


def test_tensorboard_by_its_class_has_the_numbers_of_a_ranking(sweep, tmp_path: Path) -> None:
    protos = pytest.importorskip("tensorboardX.proto.event_pb2")
    finding = load_finding(sweep / "0" / "findings" / "default")
    settings = composed([*BASE, "logger=tensorboard"])
    loggers = open_loggers(settings, tmp_path, Pseudonyms(), identity)
    note(loggers, finding)
    views = run_views([finding], Pseudonyms())
    send(loggers, views, tmp_path / "report.html", tmp_path, Stages())
    (written,) = tmp_path.rglob("events.out.tfevents.*")
    found = {}
    content = written.read_bytes()
    while content:  # of each record: length, its checksum, the record, its checksum
        length = int.from_bytes(content[:8], "little")
        event = protos.Event.FromString(content[12 : 12 + length])
        found |= {value.tag: value.simple_value for value in event.summary.value}
        content = content[16 + length :]
    for row in finding.table.to_dict("records"):
        assert found[f"auc/default/{row['method']}"] == pytest.approx(row["value"], rel=1e-5)
    assert "ecgs: 64" in next(tmp_path.rglob("hparams.yaml")).read_text("utf-8")


@pytest.mark.heavy
def test_a_sweep_has_one_run_with_all_scores_and_its_page(sweep, tmp_path: Path) -> None:
    page = Path(shutil.copy(sweep / "report.html", tmp_path))
    jobs = {sweep / name: findings_in(sweep / name) for name in "01"}
    chosen = {"project": "ecglens", "mode": "offline", "artifacts": ["scores", "report"]}
    for finding in (each for several in jobs.values() for each in several):
        finding.facts["settings"]["logger"]["wandb"] = chosen
    send_sweep(jobs, page, Pseudonyms(), "train")
    run = read_run(tmp_path)
    assert run.about["job_type"] == "sweep"
    assert run.about["run_group"] == "-".join(tmp_path.parts[-2:])
    assert run.about["display_name"].startswith("pr+qrs-median-exact-small-default+noise_10-seed0-")
    assert run.panels == {"sweep/methods": "table-file", "sweep/report": "html-file"}
    assert (run.summary["jobs"], run.summary["findings"]) == (2, 4)
    assert run.summary["jobs_use"] + run.summary["jobs_none"] == 2
    assert run.summary["best_share"] in (0.5, 1.0)
    table = run.table("sweep/methods")
    rows = sum(len(each.table) for several in jobs.values() for each in several)
    assert len(table["data"]) == rows
    used = {each["type"]: each.get("use_after_commit", False) for each in run.artifacts.values()}
    assert used == {"scores": True, "report": False}
    assert len(run.artifacts) == 3


def test_jobs_of_a_sweep_that_differ_in_no_number_keep_their_findings() -> None:
    assert distinct(["pr", "qt", "pr"]) == ["pr 0", "qt", "pr 2"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (
            "mode=onlin",
            "logger.wandb.mode to be one of 'offline', 'online', 'disabled', got 'onlin'",
        ),
        ("project=3", "logger.wandb.project to be a str"),
        ("artifacts=networks", "logger.wandb.artifacts to be a list"),
    ],
)
def test_a_wrong_setting_of_wandb_is_refused_before_anything_is_prepared(word, said) -> None:
    with pytest.raises(ValueError, match=said):
        composed([*BASE, f"logger.wandb.{word}"])


def test_a_run_may_have_a_name_of_the_users_own() -> None:
    assert composed([*BASE, "logger.wandb.name=mine"])["logger"]["wandb"]["name"] == "mine"


@pytest.mark.parametrize("word", ["wandb=offline", "wandb=false", "wandb=''", "csv=false"])
def test_a_logger_that_is_no_group_of_settings_is_refused(word) -> None:
    with pytest.raises(ValueError, match=rf"settings below logger\.{word.split('=')[0]}"):
        composed([*BASE, f"logger.{word}"])


def test_a_logger_of_ones_own_may_have_the_name_of_wandb(tmp_path: Path) -> None:
    words = ("logger=csv", "+logger.wandb._target_=pytorch_lightning.loggers.CSVLogger")
    settings = composed([*BASE, *words])
    names = Pseudonyms(Store(tmp_path / "store"))
    opened = open_loggers(settings, tmp_path, names, lambda: pytest.fail("no run of W&B's"))
    assert [type(each).__name__ for each in opened] == ["CSVLogger", "CSVLogger"]


def test_a_class_that_is_no_logger_is_refused(tmp_path: Path) -> None:
    settings = {**composed([*BASE]), "logger": {"own": {"_target_": "pathlib.Path"}}}
    with pytest.raises(ValueError, match="Logger"):
        open_loggers(settings, tmp_path, Pseudonyms(), identity)

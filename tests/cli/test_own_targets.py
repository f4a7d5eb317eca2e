"""Targets of a user's own table, and a second data set, through the front doors."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from ecglens.datamodules import open_records
from ecglens.eval import Finding, load_finding

from .conftest import ROOT, SHOWN

pytestmark = pytest.mark.heavy

Door = Callable[..., "CompletedProcess[str]"]
LUDB = ("data@data.external=ludb", f"data.external.path={ROOT}/tests/data/ludb")


@pytest.fixture
def table(tmp_path: Path) -> str:
    """A number and a yes or no for each of 150 of the 160 exact ECGs."""
    rows = ["record,ef,wide"]
    for record in list(open_records("exact", n=160))[:150]:
        qrs = record.labels["qrs"]
        rows.append(f"{record.id},{30 + qrs / 10},{int(qrs > 100)}")
    (tmp_path / "echo.csv").write_text("\n".join(rows))
    return str(tmp_path / "echo.csv")


def found_in(done: CompletedProcess[str], folder: Path) -> Finding:
    """The ranking of a job that ended well."""
    assert done.returncode == 0, done.stderr
    return load_finding(folder / "findings/default")


def test_a_column_of_a_table_is_learnt_explained_and_named(
    door: Door, table: str, tmp_path: Path
) -> None:
    target = ("target=column", "target.column=ef", "target.unit=%", "target.id=record")
    words = (*SHOWN, *target, f"target.table={table}", f"hydra.run.dir={tmp_path}/run")
    found = found_in(door("train.py", *words), tmp_path / "run")
    assert found.about.target.name == "ef"
    assert found.about.target.unit == "%"
    facts = found.facts
    assert facts["label_source"].startswith("ef in echo.csv, joined by record (sha256 ")
    assert len(facts["without_label"]) == 10
    assert sum(facts[part] for part in ("train", "val", "test")) == 150
    page = (tmp_path / "run/report.html").read_text()
    assert facts["label_source"] in page
    # The table is part of what a network is known by: with another one there is none.
    Path(table).write_text(Path(table).read_text().replace(",0\n", ",1\n", 1))
    again = door("evaluate.py", *words)
    assert again.returncode == 2
    assert "python train.py" in again.stderr


def test_a_binary_target_is_explained_in_logits(door: Door, table: str, tmp_path: Path) -> None:
    target = ("target=column", "target.column=wide", "target.kind=binary", "target.id=record")
    words = (*SHOWN, *target, f"target.table={table}")
    found = found_in(door("train.py", *words, f"hydra.run.dir={tmp_path}/run"), tmp_path / "run")
    assert found.about.target.unit == "logit"
    assert {"auroc", "auprc", "brier", "calibration_slope"} <= set(found.facts["fit"])
    assert sum(found.facts["classes"]["wide"].values()) == found.facts["train"]
    assert "change of the prediction (logit)" in (tmp_path / "run/report.html").read_text()
    rules = (word for word in words if not word.startswith("evaluation."))
    refused = door("train.py", *rules, "evaluation=storas2025")
    assert refused.returncode == 2
    assert "outcome=change" in refused.stderr


@pytest.mark.heavy
def test_a_second_data_set_is_tested_beside_the_first_by_the_same_network(
    door: Door, tmp_path: Path
) -> None:
    words = (*SHOWN, "target=qrs")
    alone = found_in(door("train.py", *words, f"hydra.run.dir={tmp_path}/a"), tmp_path / "a")
    both = found_in(
        door("evaluate.py", *words, *LUDB, f"hydra.run.dir={tmp_path}/b"), tmp_path / "b"
    )
    assert both.about.networks == alone.about.networks
    assert both.about.records == alone.about.records
    assert both.facts["fit"] == alone.facts["fit"]
    external = both.facts["external"]
    assert external["test"] == external["ecgs"] == 32
    assert external["label_source"] == "qrs, marked by hand"
    assert external["fit"]["mae"] > 0
    assert external["fit"]["mae"] != both.facts["fit"]["mae"]
    assert "external (ludb)" in (tmp_path / "b/report.html").read_text()


@pytest.mark.heavy
def test_each_of_several_networks_is_tested_on_the_second_data_set(
    door: Door, tmp_path: Path
) -> None:
    beside = ("data@data.external=exact", "data.external.n=24", "data.external.seed=1")
    done = door(
        "train.py", *SHOWN, "target=qrs", *beside, "seed=[0,1]", f"hydra.run.dir={tmp_path}/run"
    )
    assert done.returncode == 0, done.stderr
    fits = load_finding(tmp_path / "run/findings/default").about.fits
    assert [each["settings"]["seed"] for each in fits] == [0, 1]
    first, second = (each["external"]["fit"]["mae"] for each in fits)
    assert first != second


def test_ecgs_of_the_first_data_set_are_no_second_one(door: Door) -> None:
    # The same seed: the first 160 are those that are learnt from.
    again = ("data@data.external=exact", "data.external.n=200", "data.external.noise_uv=20")
    done = door("train.py", *SHOWN, *again)
    assert done.returncode == 2
    assert "another data set than data" in done.stderr


def test_a_second_data_set_without_the_label_is_refused_before_a_fit(
    door: Door, table: str, store: Path
) -> None:
    before = sorted((store / "networks").glob("*"))
    target = ("target=column", "target.column=ef", "target.id=record", f"target.table={table}")
    done = door("train.py", *SHOWN, *target, *LUDB, "seed=5")
    assert done.returncode == 2
    assert "of data.external: " in done.stderr
    assert "got 'ef'" in done.stderr
    assert sorted((store / "networks").glob("*")) == before


GIVEN = {("data=ludb",): "data.path", ("target=column",): "target.column"}


@pytest.mark.parametrize(("words", "missing"), GIVEN.items())
def test_a_setting_that_must_be_given_is_asked_for(
    door: Door, words: tuple[str, ...], missing: str
) -> None:
    done = door("train.py", *words)
    assert done.returncode == 2
    assert done.stderr.strip().endswith(
        f"expected the setting {missing}, got none; give it as {missing}=…"
    )

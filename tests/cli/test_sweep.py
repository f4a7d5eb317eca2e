"""The report over a sweep whose jobs have any names."""

import shutil
from pathlib import Path

import pytest
from ecglens.jobs.folders import in_order
from ecglens.jobs.runs import findings_in
from ecglens.store import write_json
from omegaconf import OmegaConf

from ..attacks.conftest import SETTINGS

# Hydra's mappings are those of typing; ours are checked all the same.
pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")


@pytest.mark.heavy
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("target=pr", "target=qrs"), marks=pytest.mark.long),
        ("seed=0/pr", "seed=0/qrs"),
    ],
)
def test_jobs_of_any_name_are_reported_together(
    sweep: Path, tmp_path: Path, store: Path, names: tuple[str, str]
) -> None:
    from ecglens.jobs.sweep import SweepReport  # here, where the warning above is let through

    for number, name in enumerate(names):
        shutil.copytree(sweep / str(number), tmp_path / name)
    shutil.copy(sweep / "multirun.yaml", tmp_path)
    earlier, notes = tmp_path / "qt-median-default-ranking.csv", tmp_path / "notes.txt"
    for file in (earlier, notes):
        file.touch()
    write_json(tmp_path / "finished.json", {"made": [earlier.name]})  # by another sweep
    config = OmegaConf.create({"hydra": {"sweep": {"dir": str(tmp_path)}}, "store": str(store)})
    SweepReport().on_multirun_end(config)
    assert (earlier.exists(), notes.exists()) == (False, True)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "PR" in page
    assert "QRS" in page
    assert [each.about.target.name for each in findings_in(tmp_path)] == ["pr", "pr", "qrs", "qrs"]


def test_only_the_jobs_of_a_sweep_are_its_own_and_an_error_of_its_page_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ecglens.jobs.sweep import SweepReport

    def begun(job: str) -> None:
        (tmp_path / job / ".hydra").mkdir(parents=True)
        (tmp_path / job / ".hydra" / "hydra.yaml").write_text(SETTINGS)
        (tmp_path / job / ".hydra" / "overrides.yaml").write_text("[]")

    for name in ("failed", "folder", "before"):
        monkeypatch.setattr(SweepReport, name, getattr(SweepReport, name))
    config = OmegaConf.create({"hydra": {"sweep": {"dir": str(tmp_path)}}, "store": "store"})
    begun("former")
    report = SweepReport()
    report.on_multirun_start(config)
    report.on_multirun_end(config)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ecglens: ")
    assert "found no job" in line
    assert SweepReport.failed
    begun("own")
    report.on_multirun_end(config)
    said = capsys.readouterr().err
    assert f"unfinished: {tmp_path}/own" in said
    assert "former" not in said


@pytest.mark.heavy
def test_two_commands_of_one_second_have_a_folder_each(door, tmp_path: Path) -> None:
    """Here of one year, as the folder is named; a folder of another name is gone on in."""
    for _ in range(2):
        door("train.py", "ecgs=0", "hydra.run.dir=runs/${now:%Y}")
        door("train.py", "ecgs=0", "hydra.run.dir=runs/own")
        door("train.py", "-m", "ecgs=0,-1", "hydra.sweep.dir=runs/${now:%Y}-sweep")
    made = sorted(path.parent.relative_to(tmp_path) for path in tmp_path.rglob(".hydra"))
    year = made[0].name
    names = [year, f"{year}-2"]
    names += [f"{year}-sweep{second}/{job}" for second in ("", "-2") for job in (0, 1)]
    assert made == [*(Path("runs") / name for name in names), Path("runs/own")]
    assert len([*tmp_path.glob("runs/*/multirun.yaml")]) == 2


def test_numbered_jobs_keep_their_order_and_names_are_no_numbers() -> None:
    names = ["10", "9", "seed=10", "seed=9", "best", "2b"]
    found = in_order(Path("sweep"), [Path("sweep", name, "findings") for name in names])
    assert [path.parts[1] for path in found] == ["2b", "9", "10", "best", "seed=9", "seed=10"]

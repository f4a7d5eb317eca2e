"""`ecglens reproduce`: results of finished jobs, and kept ones that are compared with them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import FINDING, STORAS2025, save_finding
from ecglens.trust import sign
from ecglens_reproductions import command
from ecglens_reproductions.provenance import commit, processor, provenance
from ecglens_reproductions.sweeps import jobs_of
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser

from tests.report.conftest import PR as TARGET
from tests.report.conftest import build

ROOT = Path(__file__).parents[3]
NAMES = ("saliency", "smoothgrad", "deeplift", "gradient_shap")
T = Target("t", "µV", "T amplitude")
PR = "storas", "target=pr"  # a command of one job
OVERRIDES = (
    "experiment=storas2025", "target=pr", "model=small", "fit=quick", "fit.epochs=20", "data.n=640",
    "ecgs=16", "seed=[0,1]", "logger=csv",
)  # fmt: skip


@pytest.fixture
def ended(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Folder with one finished job, whose gallery has as many ECGs as the test's parameter says."""
    finished_job(tmp_path / "made", 0, OVERRIDES, shown=getattr(request, "param", 0))
    return tmp_path / "made"


def finished_job(
    to: Path, number: int, overrides: Sequence[str], target: Target = TARGET, shown: int = 0
) -> Path:
    """A job of the sweep `medians`, with the settings that Hydra keeps and a finding."""
    job = to / "runs" / "medians" / str(number)
    (job / ".hydra").mkdir(parents=True)
    (job / ".hydra" / "hydra.yaml").write_text(
        "hydra: {job: {config_name: train}, runtime: {config_sources: []}}\n"
    )
    (job / ".hydra" / "config.yaml").write_text(f"store: {to.parent / 'store'}\n")
    (job / ".hydra" / "overrides.yaml").write_text(json.dumps([*overrides]))
    (job / "report.html").touch()
    found = build(methods=NAMES, protocol=replace(STORAS2025, steps=25), target=target, shown=shown)
    sign(save_finding(found, job / "findings" / "storas2025") / FINDING)
    return job


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The command in this process; its status, what it printed, and its errors."""

    def ran(*words: object) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["ecglens reproduce", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            command.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return ran


@pytest.mark.heavy
def test_finished_jobs_are_read_without_running_any(ended, run):
    status, printed, _ = run(*PR, "--read", "--to", ended)
    assert status == 0
    assert printed.strip().endswith("reproduction.html")
    assert (ended / "table-4-median.csv").is_file()
    about = json.loads((ended / "reproduction.json").read_text())
    (ended / "reproduction.json").write_text(json.dumps(about | {"Cost": "3 CPU min"}))
    run(*PR, "--read", "--to", ended)  # what the run cost stays
    again = json.loads((ended / "reproduction.json").read_text())
    assert (again["Cost"], again["Tables and figures"]) == ("3 CPU min", f"commit {commit()}")


@pytest.mark.heavy
def test_kept_results_are_compared_with_a_run(ended, run, tmp_path):
    run(*PR, "--read", "--to", ended)
    kept = tmp_path / "kept"
    kept.mkdir()
    for file in ended.glob("*.csv"):
        shutil.copy(file, kept)
    table = pd.read_csv(ended / "order.csv")
    status, printed, _ = run(*PR, "--read", "--to", ended, "--check", kept)
    assert (status, f"the numbers are those of {kept}" in printed) == (0, True)
    table.assign(methods=7).to_csv(kept / "order.csv", index=False)
    status, _, said = run(*PR, "--read", "--to", ended, "--check", kept)
    assert status == 1
    assert "order.csv, methods: 1 of 1 rows differ; in row 1 expected 7, got 4" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--check", "{made}"], "expected in --to another folder than that of the kept results"),
        (["--records", "ecg-99"], "got ecg-99; gallery=16 keeps the maps of more"),
        (["--methods", "lime"], "got lime"),
    ],
)
@pytest.mark.parametrize("ended", [2], indirect=True)
def test_wrong_use_ends_in_one_line(ended, run, words, said):
    (ended / "order.csv").touch()
    given = [word.format(made=ended) for word in words]
    status, _, line = run(*PR, "--read", "--to", ended, *given)
    assert status == 2
    assert said in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["storas", "--check", "{nothing}"], "expected kept results as CSV in"),
        (["all", "--check", "{made}"], "expected --check with one study"),
        (["storas", "--methods", "saliency"], "run first, then add --read"),
        (["storas", "--records", "ecg-1"], "run first, then add --read"),
        (["arends", "--methods", "saliency", "--read"], "with storas, got arends"),
        (["bender", "--scale", "full", "--ptbxl", "{nothing}"], "expected a folder in --ptbxl"),
        (["storas", "--scale", "overnight"], "in --scale of storas, got overnight"),
        (["storas", "seed=[0"], "expected settings as NAME=VALUE"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(ended, run, tmp_path, monkeypatch, words, said):
    monkeypatch.setattr(command, "swept", lambda _: pytest.fail("a sweep was begun"))
    (ended / "order.csv").touch()
    given = [word.format(nothing=tmp_path / "nothing", made=ended) for word in words]
    status, _, line = run(*given, "--to", tmp_path / "to")
    assert status == 2
    assert said in line
    assert line.count("\n") == 1


@pytest.mark.heavy
def test_jobs_of_other_settings_are_named_and_not_read(ended, run):
    finished_job(ended, 1, [word.replace("=pr", "=t") for word in OVERRIDES], T)
    status, _, said = run("storas", "--read", "--to", ended)
    assert (status, said) == (0, "")
    assert {*pd.read_csv(ended / "order.csv")["target"]} == {"pr", "t"}
    status, _, said = run(*PR, "store=elsewhere", "--read", "--to", ended)
    assert (status, said) == (0, "left out, jobs of other settings: medians/1\n")
    assert {*pd.read_csv(ended / "order.csv")["target"]} == {"pr"}
    status, _, said = run(*PR, "ecgs=8", "--read", "--to", ended)
    assert status == 2
    assert "expected a finished job of these settings in" in said


def test_jobs_that_have_not_finished_are_named_with_status_1(ended, run):
    status, _, said = run("storas", "--read", "--to", ended)
    assert (status, said) == (1, "not finished: medians/1\n")


def test_a_killed_job_leaves_no_finding_of_earlier_settings(ended, run, monkeypatch):
    begun = ended / "runs" / "medians" / "0" / ".hydra" / "overrides.yaml"
    settings = [word.replace("ecgs=16", "ecgs=8") for word in OVERRIDES]

    def killed(*_):
        begun.parent.mkdir(parents=True, exist_ok=True)
        (begun.parent / "hydra.yaml").write_text(
            "hydra: {job: {config_name: train}, runtime: {config_sources: []}}\n"
        )
        begun.write_text(json.dumps(settings))
        return 1

    monkeypatch.setattr(command, "swept", killed)
    status, _, said = run(*PR, "ecgs=8", "--to", ended)
    assert status == 2
    assert "expected a finished job of these settings" in said


def test_a_job_of_the_same_settings_keeps_its_finding_and_the_folder_any_name(
    ended, run, monkeypatch
):
    to = ended.rename(ended.parent / "a,b 'c'")
    words = []

    def ran(command):
        words.extend(command)
        return 0

    monkeypatch.setattr(command, "swept", ran)
    status, *_ = run(*PR, "--to", to)
    assert status == 0
    (folder,) = (word for word in words if word.startswith("hydra.sweep.dir="))
    (parsed,) = OverridesParser.create().parse_overrides([folder])
    assert parsed.value() == str(to / "runs" / "medians")
    about = json.loads((to / "reproduction.json").read_text())
    assert "Cost of the last session" in about


def test_the_commit_is_read_before_the_sweeps(ended, run, monkeypatch):
    begun = []

    def ran(command):
        begun.append(command)
        return 0

    monkeypatch.setattr(command, "swept", ran)
    monkeypatch.setattr(command, "provenance", lambda: {"Commit": f"after {len(begun)} sweeps"})
    run(*PR, "--to", ended)
    about = json.loads((ended / "reproduction.json").read_text())
    assert begun
    assert about["Commit"] == "after 0 sweeps"


@pytest.mark.heavy
def test_a_sweep_ends_with_the_command_that_began_it(tmp_path):
    """SIGTERM comes from timeout and from batch systems; a sweep left alone meets the next one."""
    lines = (
        "import sys\n"
        "from ecglens_reproductions.command import swept\n"
        'sleep = \'import os, time; open("pid", "w").write(str(os.getpid())); time.sleep(600)\'\n'
        "swept([sys.executable, '-c', sleep])\n"
    )
    begun = subprocess.Popen([sys.executable, "-c", lines], cwd=tmp_path)
    end = time.monotonic() + 60
    while not (tmp_path / "pid").is_file() or not (pid := (tmp_path / "pid").read_text()):
        assert time.monotonic() < end
        time.sleep(0.05)
    begun.terminate()
    assert begun.wait(60) == 128 + signal.SIGTERM
    assert not Path(f"/proc/{pid}").exists()


def test_the_jobs_of_a_sweep_are_those_of_hydra(tmp_path):
    words = [
        "experiment=x", "target=pr,t", "hydra/launcher=local", "seed=[0,1]", "+a.b=c,'d,e'",
        "target=qt,pr", "data.path='/a b'",
    ]  # fmt: skip
    given = OverridesParser.create().parse_overrides(words)
    own = [each for each in given if not each.is_hydra_override()]
    (expected,) = BasicSweeper.split_arguments(own, None)
    found = jobs_of(tmp_path, {"medians": words})
    assert found == {
        tmp_path / "medians" / str(number): settings for number, settings in enumerate(expected)
    }
    assert len(found) == 4


def test_without_a_finished_job_there_is_nothing_to_read(run, tmp_path):
    status, _, line = run("storas", "--read", "--to", tmp_path)
    assert status == 2
    assert "expected a finished job of these settings in" in line


def test_all_studies_have_folders_of_their_own(tmp_path, monkeypatch):
    given = command._parser().parse_args(["all", "--to", str(tmp_path)])
    folders = {command._folder(study, given) for study in ("storas", "arends")}
    assert folders == {tmp_path / "storas" / "smoke", tmp_path / "arends" / "smoke"}
    checked = command._parser().parse_args(["storas", "--check", "results/storas/smoke"])
    assert command._folder("storas", checked) == Path("checked/storas/smoke")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which studies find what an earlier one made."""
    return tmp_path_factory.mktemp("store")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            "cpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\n",
            "AMD EPYC (family 25, model 1)",
        ),
        ("model name\t: A processor\n", "A processor"),
    ],
)
def test_two_makes_of_one_name_are_two_processors(told, said, monkeypatch, tmp_path):
    (tmp_path / "cpuinfo").write_text(told)
    monkeypatch.setattr("ecglens_reproductions.provenance.CPUINFO", tmp_path / "cpuinfo")
    assert processor() == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--ptbxl=/home/jane/x", "--ptbxl=FOLDER"),
        ("tests/data/ludb", "tests/data/ludb"),
        ("data={path: '/home/jane d',n:2}", "'data={path: FOLDER,n:2}'"),
        ("data.path=[x, /home/jane,/jane]", "'data.path=[x, FOLDER,FOLDER]'"),
        ("store=~jane/kept", "store=FOLDER"),
        ("../../jane/x", "FOLDER"),
        ("fit.start=../jane/0,runs/0", "fit.start=FOLDER,runs/0"),
        ("~data.external", "'~data.external'"),  # a setting that is taken away
    ],
)
def test_the_command_names_no_folder_of_whoever_ran_it(given, said, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["ecglens reproduce", "arends", given])
    assert provenance()["Command"] == f"ecglens reproduce arends {said}"


def test_a_page_made_again_names_no_folder_that_an_earlier_version_wrote(tmp_path):
    path = tmp_path / command.ABOUT
    path.write_text('{"Command": "ecglens reproduce arends --ptbxl \'/home/jane d/x\'"}')
    assert command._drawn(tmp_path)["Command"] == "ecglens reproduce arends --ptbxl FOLDER"


def test_the_commit_is_not_that_of_the_project_around_an_installed_package(monkeypatch, tmp_path):
    said = ["-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "x"]
    for words in (["init", "-q"], said):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    monkeypatch.setattr("ecglens_reproductions.provenance.__file__", str(tmp_path / "own.py"))
    (tmp_path / "own.py").touch()
    assert commit() == "unknown"


OF_MINUTES = ("storas", "arends", "bender", "multiverse")


@pytest.mark.heavy
@pytest.mark.parametrize(
    "study", ["patients", *(pytest.param(each, marks=pytest.mark.long) for each in OF_MINUTES)]
)
def test_a_run_again_has_the_numbers_that_were_kept(study, store, tmp_path):
    """Where the processor is another one, as many rows and columns."""
    folder = ROOT / "results" / study / "smoke"
    words = ["reproduce", study, "--check", str(folder), f"store={store}"]
    words += ["--ludb", str(ROOT / "tests" / "data" / "ludb")] * (study == "patients")
    done = subprocess.run(
        [sys.executable, "-m", "ecglens", *words],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},  # as it was kept: sums have another order
        capture_output=True,
        text=True,
        timeout=3000,
    )
    kept = json.loads((folder / "reproduction.json").read_text(encoding="utf-8"))
    if processor() in kept["Machine"]:
        assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.partition(",")[0].endswith(".csv")]
    assert done.returncode == bool(lines)
    assert all("rows differ" in line for line in lines)

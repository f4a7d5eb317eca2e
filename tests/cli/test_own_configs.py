"""Folders of yaml files of one's own: all are searched, and no two files have one name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ecglens.cli.own_configs import check_names
from ecglens.registry import config_folder

from .conftest import ROOT


@pytest.mark.heavy
@pytest.mark.parametrize(
    "words",
    [
        ["evaluation=measure", "--cfg", "job"],
        ["--cfg", "job", "evaluation=measure", "hydra.searchpath=[]"],
    ],
)
def test_names_of_installed_packages_are_known_wherever_an_option_stands(words: list[str]) -> None:
    done = _ecglens("train", *words)
    assert done.returncode == 0, done.stderr
    assert "_target_: ecglens_measure." in done.stdout


@pytest.mark.heavy
def test_help_lists_names_of_installed_packages() -> None:
    done = _ecglens("train", "--help")
    (line,) = (each for each in done.stdout.splitlines() if each.startswith("evaluation: "))
    assert "measure" in line.removeprefix("evaluation: ").split(", ")


def _ecglens(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ecglens", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_our_own_folder_may_be_named_again() -> None:
    check_names([config_folder(), config_folder()])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A package whose folder of yaml files has two names, one of which ECGLens has."""
    folder = tmp_path / "mine" / "conf"
    (folder / "data").mkdir(parents=True)
    for name in ("exact", "of_mine"):
        (folder / "data" / f"{name}.yaml").write_text(f"name: {name}\n")
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    "word", ["hydra.searchpath=[pkg://mine.conf]", "--config-dir={}/mine/conf", "file"]
)
def test_a_name_that_ecglens_has_already_is_refused_with_both_files(own: Path, word: str) -> None:
    if word == "file":
        word = "hydra.searchpath=['file://{}/mine/conf']"
    paths = [str(own), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "ecglens", "prepare", word.format(own)],
        cwd=own,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "expected another name than data/exact" in line
    assert str(ROOT / "configs/data/exact.yaml") in line
    assert f"got {own}/mine/conf/data/exact.yaml; rename it" in line


def test_two_folders_of_ones_own_have_no_name_in_common_either(own: Path) -> None:
    other = own / "other" / "data"
    other.mkdir(parents=True)
    (other / "of_mine.yaml").write_text("name: of_mine\n")
    with pytest.raises(ValueError, match="another name than data/of_mine"):
        check_names([own / "mine" / "conf", own / "other"])


def test_the_configs_are_found_through_a_linked_package(tmp_path: Path) -> None:
    (tmp_path / "ecglens").symlink_to(ROOT / "src")
    code = "from ecglens.registry import config_folder; print(config_folder())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip() == str((ROOT / "configs").resolve()), done.stderr

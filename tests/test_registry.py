"""Names that installed packages offer: commands, and functions of ecglens."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import ecglens
import pytest
from ecglens.registry import BESIDE, missing, offered

COMMAND = """'''`ecglens hello`: greet the reader.

More.
'''


def main():
    print("hello")
"""


def install(folder: Path, name: str, code: str, points: str) -> Path:
    """A folder for the path, with a module and what pip leaves of its package."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(points)
    return folder


def called(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """`ecglens words…` where the packages of a folder are installed."""
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, "-m", "ecglens", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_a_command_of_an_installed_package_runs_and_is_in_the_help(tmp_path: Path) -> None:
    install(tmp_path, "greetings", COMMAND, "[ecglens.commands]\nhello = greetings\n")
    assert called(tmp_path, "hello").stdout == "hello\n"
    (line,) = [each for each in called(tmp_path).stdout.splitlines() if "hello" in each]
    assert line.split(maxsplit=1) == ["hello", "greet the reader"]
    unknown = called(tmp_path, "helo")
    assert unknown.returncode == 1
    assert "got 'helo'; did you mean hello?" in unknown.stderr


def test_a_command_that_cannot_be_loaded_leaves_the_help_of_the_others(tmp_path: Path) -> None:
    install(tmp_path, "greetings", COMMAND, "[ecglens.commands]\nhello = no_such_module\n")
    done = called(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "cannot be loaded: No module named 'no_such_module'" in done.stdout
    assert "train" in done.stdout


@pytest.mark.parametrize("name", ["train", "hello"])
def test_two_commands_of_one_name_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    install(tmp_path, "greetings", COMMAND, f"[ecglens.commands]\n{name} = greetings\n")
    if name == "hello":
        install(tmp_path, "others", COMMAND, f"[ecglens.commands]\n{name} = others\n")
    done = called(tmp_path, name)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert name in line
    assert "greetings" in line


def test_a_function_of_an_installed_package_is_found_in_ecglens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not hasattr(ecglens, "hello")
    code = "def hello(name):\n    return f'hello {name}'\n"
    install(tmp_path, "greetings_api", code, "[ecglens.api]\nhello = greetings_api:hello\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert ecglens.hello("Ada") == "hello Ada"
    assert "hello" in dir(ecglens)
    monkeypatch.undo()
    assert "hello" not in dir(ecglens)


def test_what_is_beside_the_core_and_not_installed_is_said_with_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ecglens.ROOMS", {})
    monkeypatch.setattr("ecglens.offered", lambda group: {})
    with pytest.raises(ImportError, match=r"pip install \./apps/study"):
        _ = ecglens.create_study
    assert "ecglens-reproductions" in missing("commands", "reproduce")
    assert not missing("commands", "train")


def test_every_name_of_a_package_in_apps_is_known_as_such() -> None:
    """So that a user who lacks the package is told of it."""
    for group, names in BESIDE.items():
        for point in entry_points(group=f"ecglens.{group}"):
            if point.value.startswith("ecglens_"):
                assert point.name in names
                assert point.name in offered(group)

"""A stranger's run, and the commands that open it."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ecglens.cli import commands
from ecglens.eval import save_finding

from ..report.conftest import build

SETTINGS = "hydra:\n  runtime: {config_sources: []}\n  job: {config_name: train}\n"
Said = tuple[int, str]


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Folder of a run that another made, without a finding."""
    hydra = tmp_path / "foreign" / ".hydra"
    hydra.mkdir(parents=True)
    (hydra / "hydra.yaml").write_text(SETTINGS)
    (hydra / "overrides.yaml").write_text("[target=pr]\n")
    (hydra / "config.yaml").write_text(f"store: {tmp_path / 'store'}\n")
    return hydra.parent


@pytest.fixture
def finding(foreign: Path) -> Path:
    """A finding of that run."""
    return save_finding(build(), foreign / "findings" / "default")


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Said]:
    """Status of a command and what it printed."""

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["ecglens", *map(str, words)])
        monkeypatch.chdir(tmp_path)
        status = 0
        try:
            commands.main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return status, said.out + said.err

    return call


class Answer(NamedTuple):
    """Exit status and output of a command."""

    status: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """File that is there once code of the stranger has run."""
    return tmp_path / "ran"


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch) -> Path:
    """The stranger's folder, in which our commands are started; our key is elsewhere."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ECGLENS_STORE", str(tmp_path / "store"))
    return folder


@pytest.fixture
def ecglens(theirs, monkeypatch, capsys) -> Command:
    """What `ecglens words…` says in the stranger's folder, and its exit status."""

    def said(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["ecglens", *map(str, words)])
        status = 0
        try:
            commands.main()
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        return Answer(status, *capsys.readouterr())

    return said


def refused(said: Answer, *words: str) -> None:
    """One line that has these words, and status 2."""
    assert said.status == 2, said
    (line,) = said.err.strip().splitlines()
    for word in words:
        assert word in line


def edited(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a JSON file by hand."""
    plain: dict[str, Any] = json.loads(path.read_text("utf-8"))
    change(plain)
    path.write_text(json.dumps(plain), "utf-8")


def renamed(content: Any, names: Mapping[str, str]) -> Any:
    """Plain JSON in which these texts are others."""
    if isinstance(content, dict):
        return {names.get(key, key): renamed(each, names) for key, each in content.items()}
    if isinstance(content, list):
        return [renamed(each, names) for each in content]
    return names.get(content, content) if isinstance(content, str) else content

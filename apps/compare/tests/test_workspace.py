"""The workspace: what is sent to W&B, and what the command says without an account."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ecglens_compare import workspace
from ecglens_compare.workspace_command import RANKINGS, main

from tests.wandb_server import Sent, wandb_server

wandb = pytest.importorskip("wandb")
workspaces = pytest.importorskip("wandb_workspaces.workspaces")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sent]:
    """What a server on this machine was sent, which answers as W&B's does."""
    with wandb_server() as sent:
        monkeypatch.setenv("WANDB_BASE_URL", sent.url)
        monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
        monkeypatch.setenv("HOME", str(tmp_path))
        wandb.teardown()  # it read the variables when it began
        yield sent
    monkeypatch.undo()
    wandb.teardown()


def say(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["ecglens workspace", *words])
    main()


def test_the_workspace_that_is_saved_is_the_one_that_is_written(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say(monkeypatch, "ward/ecglens", "--to", str(tmp_path / "spec.json"))
    assert capsys.readouterr().out.strip() == str(tmp_path / "spec.json")
    assert sent.operations == []
    say(monkeypatch, "ward/ecglens")
    assert capsys.readouterr().out.strip().endswith("/ward/ecglens?nw=9s4x294ocni")
    (saved,) = sent.of("UpsertView2")
    assert (saved["entityName"], saved["projectName"]) == ("ward", "ecglens")
    assert saved["type"] == "project-view"
    spec, written = json.loads(saved["spec"]), json.loads((tmp_path / "spec.json").read_text())
    assert without_ids(spec) == without_ids(written)


def test_a_saved_workspace_is_read_back(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say(monkeypatch, "ward/ecglens")
    read = workspaces.Workspace.from_url(capsys.readouterr().out.strip())
    made = workspace("ward", "ecglens", RANKINGS)
    assert read.name == made.name
    assert panels(read) == panels(made) != []


def test_an_answer_without_a_field_that_is_asked_for_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {"upsertView": {"view": {"id": "x", "name": "nw-1-v"}}}  # without `inserted`
    for answer in (answers, {"upsertView": [None]}):
        monkeypatch.setattr(Sent, "answer", lambda sent, *_, said=answer: said)
        with pytest.raises(AssertionError, match="upsertView"):
            ask("mutation U { upsertView { view { id name } inserted } }")


def ask(query: str) -> None:
    with wandb_server() as sent:
        urllib.request.urlopen(f"{sent.url}/graphql", json.dumps({"query": query}).encode()).read()


def panels(made: Any) -> list[tuple[str, list[str]]]:
    """Kinds of the panels of each section by its name."""
    return [(each.name, [type(panel).__name__ for panel in each.panels]) for each in made.sections]


def without_ids(spec: Any) -> Any:
    """The library draws a new id for each panel."""
    if isinstance(spec, dict):
        return {key: without_ids(each) for key, each in spec.items() if key != "__id__"}
    return [without_ids(each) for each in spec] if isinstance(spec, list) else spec


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ecglens"], "expected ENTITY/PROJECT, such as ward/ecglens, got ecglens"),
        (["ward/ecglens"], "expected an answer of http://127.0.0.1:9, got none"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")  # the port that discards
    wandb.teardown()
    with pytest.raises(SystemExit) as ended:
        say(monkeypatch, *words)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    monkeypatch.undo()
    wandb.teardown()

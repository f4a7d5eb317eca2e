"""Classes of a user's own package, named by their import path."""

import os
import subprocess
import sys
from importlib import invalidate_caches
from pathlib import Path
from typing import Any

import pytest
from ecglens.explain import find
from ecglens.store import Step, class_at, class_path, own_source


def test_a_class_is_found_by_its_import_path_and_has_that_path() -> None:
    assert class_at("pathlib.Path", "data._target_") is Path
    assert class_at(class_path(Step), "data._target_") is Step


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("Reader", "the import path of a class, got 'Reader'; give package.module.Class"),
        ("no_such_package.Reader", "got 'no_such_package.Reader': there is no module no_such"),
        ("pathlib.Reader", "got 'pathlib.Reader': there is no Reader in pathlib"),
        ("json.dumps", "a class, got 'json.dumps', which is <function dumps"),
    ],
)
def test_what_is_no_class_is_refused_in_one_line(path: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^expected in data\._target_ ") as refusal:
        class_at(path, "data._target_")
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_import_that_fails_inside_the_module_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_reader.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        class_at("broken_reader.Reader", "data._target_")


def test_a_class_of_ones_own_is_known_by_its_file_and_one_of_ecglens_by_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    sources = []
    for text in ("class Mine: ...\n", "class Mine:\n    gain = 2\n", "class Mine: ...\n"):
        (tmp_path / "edited_method.py").write_text(text)
        monkeypatch.delitem(sys.modules, "edited_method", raising=False)
        invalidate_caches()
        sources.append(own_source(class_at("edited_method.Mine", "method._target_")))
    first, edited, again = sources
    assert first == again != edited
    assert own_source(Step) == own_source(find("saliency").__class__) == {}


CELL = """
from ecglens.explain import Saliency
HELD = {setting}
def helped(x): return x * HELD[0]
def made(gain):
    class Mine(Saliency):
        scale: float = {scale}
        def heatmap(self, net, x, target, context, power={default}):
            {body}
            return gain * helped(super().heatmap(net, x, target, context)) ** power
    return Mine
kind = made({gain})
"""
WRITTEN = {"setting": "[1]", "scale": "1.0", "default": "1", "body": "pass", "gain": "1"}


def in_a_notebook(**changed: str) -> str:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(CELL.format(**{**WRITTEN, **changed}), names)  # as a cell: in no file
    return own_source(names["kind"])["code"]


def test_a_class_of_a_notebook_is_known_by_its_code_and_by_what_it_reads() -> None:
    first = in_a_notebook()
    assert in_a_notebook() == in_a_notebook(body="pass  # a comment") == first
    changes = [("setting", "[2]"), ("scale", "2.0"), ("default", "2"), ("gain", "2")]
    edited = {in_a_notebook(**{name: text}) for name, text in [*changes, ("body", "x = x + 1")]}
    assert len({first, *edited}) == 6
    assert in_a_notebook(setting="[1, 2]") != first


def test_a_hash_of_code_is_the_same_in_every_process(tmp_path: Path) -> None:
    names = "{'b', 'a', 'long name'}"
    script = (
        "from ecglens.store import code_of\n"
        f"NAMES = {names}\n"
        f"def f(x): return x in NAMES or x in {names} or f(x[1:])\n"
        "print(code_of(f))\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(found) == 1

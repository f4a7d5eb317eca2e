"""Classes of a user's own package, named by their import path."""

import os
import subprocess
import sys
from importlib import invalidate_caches
from pathlib import Path
from typing import Any

import pytest
import torch
from ecglens.explain import find
from ecglens.store import OURS, Step, class_at, class_path, code_of, own_source


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


def test_what_a_class_of_a_file_keeps_while_it_runs_is_not_in_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import logging\nLOG = logging.getLogger(__name__)\n\n\nclass Mine:\n    calls = 0\n"
    code += "    def gain(self):\n        LOG.info('x')\n        type(self).calls += 1\n"
    (tmp_path / "keeps_count.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    kind = class_at("keeps_count.Mine", "method._target_")
    before = own_source(kind)
    kind().gain()
    assert own_source(kind) == before
    monkeypatch.delitem(sys.modules, "keeps_count")


def test_every_package_in_apps_is_ours_and_no_other_of_a_name_like_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps = Path(__file__).parents[2] / "apps"
    there = sorted(each.parent.name for each in apps.glob("*/ecglens_*/__init__.py"))
    assert ["ecglens", *there] == [*OURS]
    (tmp_path / "ecglens_mine.py").write_text("class Mine: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert own_source(class_at("ecglens_mine.Mine", "method._target_"))
    monkeypatch.delitem(sys.modules, "ecglens_mine")


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


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("torch.amax", "torch.amin"),
        ("max", "min"),
        ("torch.Tensor.abs", "torch.Tensor.square"),
        ("torch.float32", "torch.float64"),
        ("Path('a')", "Path('b')"),
        ("range(3)", "range(5)"),
        ("re.compile('a')", "re.compile('b')"),
        ("deque([1])", "deque([2])"),
        ("nn.LeakyReLU(0.1)", "nn.LeakyReLU(0.5)"),
        ("nn.Conv1d(1, 1, 3, bias=False)", "nn.Conv1d(1, 1, 3, dilation=2, bias=False)"),
    ],
)
def test_whatever_the_code_of_a_notebook_reads_counts(first: str, other: str) -> None:
    def read(held: str) -> str:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec("import re, torch\nfrom collections import deque\nfrom pathlib import Path", names)
        exec("from torch import nn\ntorch.manual_seed(0)", names)
        exec(f"HELD = {held}\ndef f(x): return HELD, x", names)
        return code_of(names["f"])

    assert read(first) == read(first) != read(other)


def test_what_code_changes_while_it_runs_does_not_change_the_key_of_its_class() -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("CACHE = {}\nSCALE = 1\nclass Mine:\n    def f(self): return CACHE, SCALE", names)
    first = own_source(names["Mine"])
    names["CACHE"]["seen"] = 1
    assert own_source(names["Mine"]) == first
    names["SCALE"] = 2
    assert own_source(names["Mine"]) != first


def test_a_chain_of_objects_of_any_length_counts_to_its_end() -> None:
    def code(last: int, length: int = 3000) -> str:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec("class Link:\n    def __init__(self, after): self.after = after", names)
        exec(f"first = Link({last})\nfor _ in range({length}): first = Link(first)", names)
        exec("def heatmap(x): return first, x", names)
        return code_of(names["heatmap"])

    assert code(1) == code(1)
    assert len({code(1), code(2), code(1, length=3001)}) == 3


def test_a_set_within_itself_is_one_clear_line() -> None:
    class Member:
        held: Any = None

    member = Member()
    member.held = {member}
    with pytest.raises(ValueError, match=r"sets of which none leads back .* got one in .*Member"):
        code_of(member)


def test_a_class_of_a_script_is_known_by_its_file_too(tmp_path: Path) -> None:
    found = []
    for text in ("", "# an edit that no function shows\n"):
        script = tmp_path / "script.py"
        script.write_text(
            "from ecglens.store import own_source\n"
            f"class Mine: ...\n{text}print(own_source(Mine))\n"
        )
        run = subprocess.run(
            [sys.executable, str(script)], capture_output=True, text=True, check=True
        )
        found.append(run.stdout)
    assert found[0] != found[1]
    assert all("source" in each for each in found)


def test_tensors_without_bytes_and_objects_that_cannot_be_printed_have_a_hash() -> None:
    class Silent:
        def __repr__(self) -> str:
            raise ValueError

    odd = [torch.zeros(2).to_sparse(), torch.zeros(2, device="meta"), Silent()]
    assert len({code_of(each) for each in odd}) == len(odd)

"""Classes of a user's own package, named by their import path."""

import sys
from importlib import invalidate_caches
from pathlib import Path

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

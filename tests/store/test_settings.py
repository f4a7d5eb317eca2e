from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pytest
from ecglens.store import check_types, quoted
from hydra.core.override_parser.overrides_parser import OverridesParser


@dataclass(frozen=True)
class Settings:
    n: int = 1
    share: float = 0.5
    title: str = ""
    folded: bool = True
    scope: Literal["sample", "lead", 2] = "sample"
    cutoffs: Sequence[int] = (10, 25)
    span: tuple[int, float] = (0, 1.0)
    names: tuple[str, ...] = ()
    mark: int | None = None
    folder: Path = Path()
    other: object = None
    made: int = field(default=0, init=False)
    version: ClassVar[int] = 1


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"n": 3, "share": 1, "title": "a", "folded": False, "scope": "lead"},
        {"n": np.int64(3), "share": np.float32(0.5)},
        {"scope": 2, "cutoffs": [1, 2], "span": [1, 2], "names": ["a"], "mark": None},
        {"cutoffs": (), "names": (), "mark": 4},
        {"folder": "somewhere"},
        {"folder": Path("somewhere")},
        {"other": 3},  # not a type that is looked at
    ],
)
def test_settings_of_the_annotated_types_pass(settings):
    check_types(Settings, settings, "data")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("n", "ten", "an int, got 'ten'"),
        ("n", 10.0, "an int, got 10.0"),
        ("n", True, "an int, got True"),
        ("n", None, "an int, got None"),
        ("share", "0.5", "a float, got '0.5'"),
        ("share", False, "a float, got False"),
        ("title", 3, "a str, got 3"),
        ("folded", 1, "a bool, got 1"),
        ("folded", "yes", "a bool, got 'yes'"),
        ("scope", "leads", "one of 'sample', 'lead', 2, got 'leads'"),
        ("scope", 2.0, "one of 'sample', 'lead', 2, got 2.0"),
        ("cutoffs", 10, "a list, each item an int, got 10"),
        ("cutoffs", [10, "x"], "a list, each item an int, got [10, 'x']"),
        ("names", "ab", "a list, each item a str, got 'ab'"),
        ("span", [1], "a list of 2: an int, a float, got [1]"),
        ("span", [1, "x"], "a list of 2: an int, a float, got [1, 'x']"),
        ("folder", 3, "a path, got 3"),
        ("mark", "x", "an int or None, got 'x'"),
    ],
)
def test_another_type_is_refused_with_its_name_and_value(name, value, expected):
    with pytest.raises(ValueError, match=name) as refusal:
        check_types(Settings, {"title": "right", name: value}, "data")
    assert str(refusal.value) == f"expected data.{name} to be {expected}"


@pytest.mark.parametrize("name", ["m", "version", "made"])
def test_a_setting_that_is_not_there_is_refused_with_those_that_are(name):
    with pytest.raises(
        ValueError, match=f"expected in data n, share, .*folder, other, got '{name}'"
    ):
        check_types(Settings, {name: 1}, "data")


SIGNS = (
    "a,b",
    "a b",
    "it's",
    "a\\",
    "a\\'b",
    "a=b",
    "x{y}",
    "[x]",
    "a$b",
    "p(1)",
    "~a",
    'a"b',
    "ü",
)
NO_WORDS = ("7", ".5", "-3", "1e5", "null", "TRUE", "nan", "inf")


@pytest.mark.parametrize("name", [*SIGNS, *NO_WORDS])
def test_a_path_is_one_value_for_hydra_whatever_signs_it_has(name) -> None:
    (word,) = OverridesParser.create().parse_overrides([f"data.path={quoted(Path(name))}"])
    assert (word.value(), word.is_sweep_override()) == (name, False)


@pytest.mark.parametrize("name", ["demo", "/data/ptb-xl", "../runs/1", "_x"])
def test_a_plain_path_needs_no_quotes(name) -> None:
    (word,) = OverridesParser.create().parse_overrides([f"data.path={quoted(Path(name))}"])
    assert word.value() == quoted(Path(name)) == name

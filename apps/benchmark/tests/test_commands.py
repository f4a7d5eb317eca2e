"""A method as a user names it, and the lines that answer a wrong one."""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from ecglens.explain import Saliency, SmoothGrad, controls
from ecglens_benchmark import (
    card_command,
    claim_command,
    dataset_command,
    leaderboard_command,
    reference,
)
from ecglens_benchmark.card_command import folder_of
from ecglens_benchmark.method_words import method_of
from ecglens_benchmark.suite import sealed

from tests.front_doors import ROOT

from .test_card import full
from .test_run import SMALLEST

OWN = """
from dataclasses import dataclass
from ecglens.explain import Facts, Method, input_gradient

@dataclass(frozen=True)
class Half(Method):
    share: float = 0.5

    @property
    def facts(self):
        return Facts(any_network=True, gradients=1)

    def heatmap(self, net, x, target, context):
        return self.share * input_gradient(net, x, target)

@dataclass(frozen=True)
class Needy(Half):
    def __init__(self, other):
        pass

class Other:
    pass
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file beside the user with methods of their own."""
    path = tmp_path / "half_a_gradient.py"
    path.write_text(OWN)
    return path


def test_a_method_is_named_in_four_ways(own: Path, tmp_path: Path) -> None:
    assert method_of("saliency") == ("saliency", Saliency())
    assert method_of("ecglens.explain:SmoothGrad") == ("SmoothGrad", SmoothGrad())
    name, method = method_of(f"{own}:Half")
    assert (name, method.share) == ("Half", 0.5)  # pyright: ignore[reportAttributeAccessIssue]
    settings = tmp_path / "mine.yaml"
    settings.write_text("mine:\n  _target_: ecglens.explain.SmoothGrad\n  copies: 7\n")
    name, method = method_of(str(settings))
    assert (name, method.copies) == ("mine", 7)  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("stem", ["random", "statistics"])
def test_a_file_replaces_no_module_and_imports_what_lies_beside_it(
    own: Path, stem: str, monkeypatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setitem(sys.modules, stem, import_module(stem))
    (own.parent / f"{stem}_share.py").write_text("SHARE = 0.25\n")
    path = own.parent / f"{stem}.py"
    path.write_text(f"from {stem}_share import SHARE\n{OWN.replace('0.5', 'SHARE')}")
    _, method = method_of(f"{path}:Half")
    assert method.share == 0.25  # pyright: ignore[reportAttributeAccessIssue]
    assert sys.modules[stem].__file__ != str(path)
    monkeypatch.delitem(sys.modules, stem)
    assert import_module(stem).__file__ != str(path)  # nor when it is imported later


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("salency", "got 'salency'; the names are saliency, smoothgrad"),
        ("nowhere:Method", "there is no module nowhere"),
        ("ecglens.explain:Nothing", "there is no Nothing in"),
        ("ecglens.eval:Subject", "expected a subclass of ecglens.explain.Method"),
        ("{}:Other", "expected a subclass of ecglens.explain.Method"),
        ("{}:Absent", "(Half, Needy), got 'Absent'"),
        ("{}", ":Class with a method of it (Half, Needy), got ''"),
        ("{}:Needy", "argument: 'other'; give a yaml file"),
        ("none.py:Half", "expected a file with a method, got none.py; there is none"),
        ("none.yaml", "expected a yaml file of a method"),
    ],
)
def test_a_wrong_method_is_answered_in_one_line(own: Path, words: str, said: str) -> None:
    with pytest.raises(ValueError, match="expected") as problem:
        method_of(words.format(own))
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "expected yaml without aliases in"),
        ("saliency:\n", "expected one method with its _target_ in"),
        ("mine:\n  _target_: 3\n", "expected one method with its _target_ in"),
        ("mine:\n  _target_: nowhere.Method\n", "nowhere"),
        ("mine:\n  _target_: ecglens.explain.SmoothGrad\n  copies: 0\n", "copies"),
        ("mine:\n  _target_: ecglens.explain.SmoothGrad\n  nothing: 0\n", "nothing"),
    ],
)
def test_a_wrong_yaml_is_answered_in_one_line(door, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    status, line = door(card_command.main, "mine.yaml")
    assert status == 2
    assert said in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("command", "words"),
    [(card_command, []), (claim_command, []), (dataset_command, ["maps", "--to", "maps"])],
)
def test_what_is_kept_lies_where_other_commands_keep_it(command, words, monkeypatch) -> None:
    monkeypatch.setenv("ECGLENS_STORE", "elsewhere")
    assert command._parser().parse_args(words).store == Path("elsewhere")


@pytest.fixture
def door(monkeypatch, capsys, tmp_path):
    """Status and last line of a command that runs in this process."""

    def run(main: Callable[[], None], *words: str) -> tuple[int, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["ecglens", *words])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return status, (said.err or said.out).strip()

    return run


def test_cards_are_gathered_and_a_changed_one_is_refused(door, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(full(name, 3)))
    status, said = door(leaderboard_command.main, "a.json", "b.json", "--to", "board")
    assert (status, Path(said).name) == (0, "leaderboard.html")
    assert (tmp_path / "board" / "leaderboard.csv").is_file()
    changed = (tmp_path / "b.json").read_text().replace("0.7", "0.9")
    (tmp_path / "b.json").write_text(changed)
    status, said = door(leaderboard_command.main, "a.json", "b.json")
    assert status == 2
    assert "b.json, whose content does not match its hash" in said
    assert "\n" not in said


def test_a_leaderboard_is_the_same_in_any_order_of_files(door, tmp_path: Path) -> None:
    one, other = full("a", 3), full("b", 5)
    other["scores"][0]["rows"]["abs_x"] = [0.8, 0.9, 0.8, 0.9]  # of other networks
    other = sealed({key: value for key, value in other.items() if key != "hash"})
    for name, card in {"a": one, "b": other}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(card))
    door(leaderboard_command.main, "a.json", "b.json", "--to", "board")
    door(leaderboard_command.main, "b.json", "a.json", "--to", "again")
    pages = [tmp_path / folder / "leaderboard.html" for folder in ("board", "again")]
    assert pages[0].read_text("utf-8") == pages[1].read_text("utf-8")


def test_built_in_methods_need_no_file(door, tmp_path: Path) -> None:
    status, _ = door(leaderboard_command.main, "--built-in")
    rows = pd.read_csv(tmp_path / "leaderboard" / "leaderboard.csv")
    built_in = {each["method"]["name"] for each in reference("quick")}
    assert (status, {*rows["method"]}) == (0, built_in | {*controls()})
    published = ROOT / "docs" / "leaderboard"
    for file in ("leaderboard.html", "leaderboard.csv"):
        written = (tmp_path / "leaderboard" / file).read_text("utf-8")
        assert (published / file).read_text("utf-8") == written, (
            "ecglens leaderboard --built-in --to docs/leaderboard"
        )


def test_a_leaderboard_of_nothing_is_answered_in_one_line(door) -> None:
    status, said = door(leaderboard_command.main)
    assert status == 2
    assert said == "ecglens: expected card.json of `ecglens benchmark`, or --built-in, got neither"


def test_results_of_one_name_and_strangers_with_a_built_in_name_are_told_apart(
    door, tmp_path: Path
) -> None:
    own = next(each for each in reference("quick") if each["method"]["name"] == "saliency")
    given = [full("mine", 3), full("mine", 4), full("saliency", 7), full("SmoothGrad", 7), own]
    for number, each in enumerate([*given, given[0]]):
        (tmp_path / f"{number}.json").write_text(json.dumps(each))
    files = [f"{number}.json" for number in range(len(given) + 1)]
    status, _ = door(leaderboard_command.main, *files, "--built-in")
    rows = pd.read_csv(tmp_path / "leaderboard" / "leaderboard.csv").set_index("method")
    assert status == 0
    assert rows.index.is_unique
    own_names = [f"{one['method']['name']} ({one['hash'][:6]})" for one in given[:4]]
    assert {*own_names, "saliency", "smoothgrad"} < {*rows.index}
    assert not {"mine", "SmoothGrad"} & {*rows.index}
    for name, one in zip(own_names, given, strict=False):
        assert rows.loc[name, "hash"] == one["hash"]
        assert rows.loc[name, "pairs/cosine"] == pytest.approx(0.825)
    page = (tmp_path / "leaderboard" / "leaderboard.html").read_text(encoding="utf-8")
    assert all(name in page for name in own_names)


def test_built_in_rows_that_are_not_there_are_said(door, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(full("a", 3, tier="full")))
    status, said = door(leaderboard_command.main, "a.json", "--built-in")
    assert status == 2
    assert "got the full tier, which has none; leave --built-in out" in said


@pytest.mark.parametrize("limits", [1, 2, 3, 4])  # the hashes come in either order
def test_results_of_two_tiers_are_refused_beside_built_in_ones_too(
    door, tmp_path: Path, limits: int
) -> None:
    for name, tier in (("a", "full"), ("b", "quick")):
        (tmp_path / f"{name}.json").write_text(json.dumps(full(name, limits, tier=tier)))
    status, said = door(leaderboard_command.main, "a.json", "b.json", "--built-in")
    assert (status, "expected results of one tier, got full, quick" in said) == (2, True), said


def test_a_wrong_tier_is_answered_in_one_line(door) -> None:
    status, said = door(card_command.main, "saliency", "--tier", "middle")
    assert status == 2
    assert said == "ecglens: expected a tier of quick, full, got 'middle'"


@pytest.mark.long
def test_the_plug_in_of_the_example_gets_a_card_by_one_command(
    door, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ecglens_benchmark.run.TIERS", {"quick": SMALLEST})
    word = f"{ROOT / 'examples/plugin/ecg_plugin/method.py'}:PowerOfGradient"
    assert door(card_command.main, word, "--to", "card")[0] == 0
    found = json.loads((tmp_path / "card" / "card.json").read_text())
    copies = next(each["said"] for each in found["checks"] if each["name"] == "copies")
    assert "order the points of every ECG as those of saliency" in copies


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "..", "a\\b"])
def test_a_stranger_s_name_leaves_no_folder_of_cards(name: str) -> None:
    folder = folder_of(name, "quick")
    assert folder.resolve().parent == Path("cards").resolve()
    assert folder_of("captum.attr.Saliency", "quick") == Path("cards/captum.attr.Saliency-quick")

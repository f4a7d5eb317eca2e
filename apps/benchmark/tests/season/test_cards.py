"""Cards of one season are set side by side; others, and changed ones, are refused."""

import json
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from ecglens.store import write_json
from ecglens_benchmark.leaderboard_command import main as leaderboard
from ecglens_benchmark.season.cards import checked, of_one_season, order, sealed, told_apart
from ecglens_benchmark.season.pages import write_season_board, write_season_card
from ecglens_benchmark.season.parts import PARTS
from ecglens_benchmark.season.run import NOT_ISOLATED, effect_of

SAID = "The map changes when it is asked for again."


def card(name: str, mean: float, seed: str = "a", trained: int = 2, **changes):
    """A card whose scores are near `mean`, with controls at the floor."""
    random = np.random.default_rng(0)
    parts = []
    for part in PARTS.values():
        noise = random.normal(0, 0.05, 12)
        rows = {name: [*(mean + noise)], "random": [-0.2] * 12, "abs_x": [0.0] * 12}
        own = {"name": part.name, "over": part.over, "rows": rows | {"abs_dx": [-0.1] * 12}}
        parts.append(own | effect_of(np.array(rows[name])))
    season = {"name": "ours", "suite": 1, "commitment": seed * 64, "published": False}
    season |= {"sizes": {"trained": trained, "strips": 8}}
    method = {"name": name, "class": "mine.Mine", "version": 1, "settings": {}, "code": "ab"}
    content = {
        "season": season,
        "method": method | {"facts": {}},
        "isolated": True,
        "parts": parts,
        "refused": {},
        "described": {"share on the suppressor": 0.4},
        "checks": [{"name": "again", "said": "", "excludes": True}],
        "versions": {},
    }
    return sealed({**content, **changes})


def test_methods_are_in_order_of_their_means_and_share_places_where_tied():
    found = order([card("a", 0.2), card("b", 0.8), card("c", 0.8)])
    assert [each.method for each in found] == ["b", "c", "a"]
    assert [each.words for each in found] == ["1–2", "1–2", "3"]
    assert found[0].low < found[0].mean < found[0].high


def test_a_method_that_was_found_or_not_isolated_has_no_place():
    cheat = card("a", 0.9, checks=[{"name": "again", "said": SAID, "excludes": True}])
    open_ = card("b", 0.9, isolated=False)
    found = order([cheat, open_, card("c", 0.1)])
    assert [(each.method, each.words) for each in found] == [
        ("c", "1"),
        ("a", "not ranked"),
        ("b", "not ranked"),
    ]


def test_the_share_of_pairs_that_are_told_apart_is_by_part():
    shares = told_apart([card("a", 0.2), card("b", 0.8), card("c", 0.8)])
    assert {*shares.values()} == {2 / 3}


def test_cards_of_two_seasons_are_never_mixed(tmp_path):
    with pytest.raises(ValueError, match="expected cards of one season, got ours"):
        of_one_season([card("a", 0.2), card("b", 0.8, seed="b")])
    with pytest.raises(ValueError, match="expected cards of one season"):
        write_season_board([card("a", 0.2), card("b", 0.8, seed="b")], tmp_path)
    with pytest.raises(ValueError, match=r"trained 1.*trained 2"):
        write_season_board([card("a", 0.2), card("b", 0.8, trained=1)], tmp_path)


def test_a_part_without_units_is_in_no_mean(tmp_path):
    cards = [card("a", 0.2), card("b", 0.8)]
    whole = order(cards)
    for each in cards:
        part = each["parts"][-1]
        part |= {"rows": {name: [] for name in part["rows"]}, **effect_of(np.array([]))}
    found = order(cards)
    assert [(each.method, each.words) for each in found] == [("b", "1"), ("a", "2")]
    assert [each.mean for each in found] == pytest.approx([each.mean for each in whole], abs=0.03)
    write_season_board(cards, tmp_path)
    assert np.isfinite(pd.read_csv(tmp_path / "leaderboard.csv")["mean"].to_numpy()).all()


def test_a_changed_card_is_refused():
    own = card("a", 0.2)
    assert checked(own, "card.json") == own
    better = deepcopy(own)
    better["parts"][0]["effect"] = 1.0
    with pytest.raises(ValueError, match="it was changed"):
        checked(better, "card.json")
    with pytest.raises(ValueError, match="it is none"):
        checked({"season": {}}, "card.json")


def test_the_hash_of_the_numbers_leaves_out_whether_the_seed_is_published():
    own = card("a", 0.2)
    published = card("a", 0.2, season={**own["season"], "published": True})
    assert own["numbers"] == published["numbers"]
    assert own["hash"] != published["hash"]


def test_a_page_says_what_takes_a_method_its_place(tmp_path):
    own = card("mine", 0.4, isolated=False, refused={"strips/event": "no time"})
    page = write_season_card(own, tmp_path / "one").read_text(encoding="utf-8")
    assert NOT_ISOLATED in page
    assert "The method has no place" in page
    assert "strips/event" in page
    assert json.loads((tmp_path / "one" / "card.json").read_text()) == own


def test_a_board_has_every_part_with_places_and_controls(tmp_path, monkeypatch, capsys):
    files = []
    for name, mean in (("a", 0.2), ("b", 0.8)):
        write_season_card(card(name, mean), tmp_path / name)
        files.append(str(tmp_path / name / "card.json"))
    monkeypatch.setattr("sys.argv", ["ecglens", *files, "--to", str(tmp_path / "board")])
    leaderboard()
    page = (tmp_path / "board" / "leaderboard.html").read_text(encoding="utf-8")
    for part in PARTS.values():
        assert part.label in page
    assert "100 %" in page
    table = pd.read_csv(tmp_path / "board" / "leaderboard.csv")
    assert [*table["method"].unique()] == ["b", "a"]
    assert len(table) == 2 * len(PARTS)
    assert "leaderboard.html" in capsys.readouterr().out


def test_a_season_beside_the_suite_is_refused(tmp_path, monkeypatch, capsys):
    write_season_card(card("a", 0.2), tmp_path / "a")
    (tmp_path / "other.json").write_text("{}")
    words = [str(tmp_path / "a" / "card.json"), str(tmp_path / "other.json")]
    monkeypatch.setattr("sys.argv", ["ecglens", *words])
    with pytest.raises(SystemExit) as ended:
        leaderboard()
    assert ended.value.code == 2
    assert "expected cards of one season alone" in capsys.readouterr().err


def test_a_card_of_other_content_is_one_line_though_its_hash_fits(tmp_path, monkeypatch, capsys):
    write_json(tmp_path / "card.json", card("a", 0.2, parts=[{"name": "network"}]))
    monkeypatch.setattr("sys.argv", ["ecglens", str(tmp_path / "card.json")])
    with pytest.raises(SystemExit) as ended:
        leaderboard()
    assert ended.value.code == 2
    assert "expected cards as `ecglens benchmark` writes them, got one" in capsys.readouterr().err


def test_two_cards_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="expected each method once, got a twice"):
        write_season_board([card("a", 0.2), card("a", 0.3)], tmp_path)

"""Card and leaderboard: every verdict and every sentence of a check is on the page."""

import json
from dataclasses import asdict

import pandas as pd
import pytest
from ecglens.report.style import style
from ecglens_benchmark import CHECKS, LIMITS, read_result, reference, write_card, write_leaderboard
from ecglens_benchmark.content import (
    MARKS,
    cost_words,
    order_lines,
    part_rows,
    table_rows,
    warnings,
)
from ecglens_benchmark.drawing import headline_scores, paper
from ecglens_benchmark.standings import side_by_side
from ecglens_benchmark.suite import TIERS, sealed

from .test_standings import result

SAID = "The map changes when the true label is changed."
CHEAT = {"name": "label", "said": SAID, "excludes": True}


def full(name: str, met: int, row=(0.9, 0.8, 0.9, 0.7), **changed):
    """A result with everything that a page reads."""
    method = {
        "name": name,
        "class": f"mine.{name}",
        "version": 1,
        "settings": {"power": 2.0},
        "facts": {},
        "code": "abc",
    }
    content = {k: v for k, v in result(name, met, row).items() if k not in ("hash", "numbers")}
    return sealed(content | {"method": method} | changed)


def test_a_card_has_its_place_its_scores_and_the_controls(tmp_path):
    mine, other = full("mine", 3), full("saliency", 5, (0.95, 0.9, 0.95, 0.9))
    page = write_card(mine, [other], tmp_path).read_text(encoding="utf-8")
    assert f"mine meets 3 of {len(LIMITS)} limits: place 2 of 2 methods." in page
    for word in ("Saliency", "0.825", "0.150", "power = 2.0", mine["numbers"], mine["hash"]):
        assert word in page
    assert read_result(tmp_path / "card.json") == json.loads(json.dumps(mine))
    assert (tmp_path / "card.pdf").read_bytes().startswith(b"%PDF")


def test_a_method_that_looks_at_the_label_is_named_and_has_no_place(tmp_path):
    mine = full("mine", 7, checks=[CHEAT])
    page = write_card(mine, [full("saliency", 5)], tmp_path).read_text(encoding="utf-8")
    assert SAID in page
    assert "has no place among the methods" in page
    assert "not ranked" in page


def test_a_run_on_other_networks_is_said(tmp_path):
    mine = full("mine", 3, networks={"pr": ["other"]})
    rows = mine["scores"][0]["rows"]
    rows["random"] = [0.5, 0.5, 0.5, 0.5]
    page = write_card(mine, [full("saliency", 5)], tmp_path).read_text(encoding="utf-8")
    assert "The networks of this run are not those of the built-in rows" in page


def test_other_networks_are_found_by_every_built_in_row(tmp_path):
    moved = json.loads(json.dumps(reference("quick")[0]))
    moved |= {"networks": {"pr": ["other"]}, "method": full("mine", 3)["method"]}
    for score in moved["scores"]:
        for name, row in score["rows"].items():
            score["rows"][name] = [None if one is None else 2 * one for one in row]
        score["rows"]["mine"] = score["rows"].pop("saliency")
    result = sealed({k: v for k, v in moved.items() if k not in ("hash", "numbers")})
    page = write_leaderboard([result, *reference("quick")], tmp_path).read_text(encoding="utf-8")
    every = ", ".join(style(each["method"]["name"]).label for each in reference("quick"))
    assert every in page.partition("ran on other networks")[0]


def test_the_unit_of_intervals_and_the_cost_are_named(tmp_path):
    mine = full("mine", 3)
    kinds = dict(mine["scores"][0], name="shortcuts/auroc", label="AUROC", over="kinds")
    kinds |= {"part": "shortcuts", "rows": {"mine": [1.0] * 6, "random": [0.5] * 6}}
    mine = full("mine", 3, scores=[*mine["scores"], kinds])
    card = write_card(mine, [], tmp_path).read_text(encoding="utf-8")
    board = write_leaderboard([mine], tmp_path).read_text(encoding="utf-8")
    for page in (card, board):
        assert "4 ECGs" in page
        assert "6 kinds" in page
        assert ">Cost</th>" in page
        assert "Price" not in page
        assert "the price" not in page


def test_a_check_that_a_card_is_older_than_is_not_tried(tmp_path):
    tried = [{"name": name, "said": "", "excludes": True} for name in CHECKS]
    mine, older = full("mine", 3, checks=tried), full("saliency", 5, checks=tried[:-1])
    card = write_card(mine, [older], tmp_path).read_text(encoding="utf-8")
    board = write_leaderboard([mine, older], tmp_path).read_text(encoding="utf-8")
    for page in (card, board):
        assert page.count("newer than the card") == 1
        assert f"newer than the card: “{CHECKS[-1]}”. Cards: Saliency." in page


def test_checks_that_the_same_cards_are_older_than_are_one_sentence(tmp_path):
    every = [full("a", 3), full("b", 5)]
    page = write_leaderboard(every, tmp_path).read_text(encoding="utf-8")
    assert page.count("newer than the card") == 1
    assert ", ".join(f"“{name}”" for name in CHECKS) + ". Cards: a, b." in page


def test_a_leaderboard_has_all_methods_and_names_one_under_two_names(tmp_path):
    every = [full("a", 3), full("b", 5), full("c", 6, checks=[CHEAT])]
    page = write_leaderboard(every, tmp_path).read_text(encoding="utf-8")
    assert "a and b have the same number in every score" in page
    assert f"c: {SAID}" in page
    table = pd.read_csv(tmp_path / "leaderboard.csv")
    methods = table[table["place"] != "control"]
    assert [*methods["method"]] == ["b", "a", "c"]
    assert [*methods["place"]] == ["1", "2", "not ranked"]
    assert methods["pairs/cosine"].tolist() == pytest.approx([0.825] * 3)
    assert [*methods["hash"]] == [every[1]["hash"], every[0]["hash"], every[2]["hash"]]


def test_controls_are_rows_of_the_scores_and_not_of_the_limits(tmp_path):
    path = write_leaderboard([full("a", 3), full("b", 5)], tmp_path)
    limits, _, scores = path.read_text(encoding="utf-8").partition("<h2>Scores</h2>")
    assert "(control)" not in limits
    rows = [row.split("</tr>")[0] for row in scores.split("<tr>")[2:]]
    assert [row.split("<")[1].split(">")[1] for row in rows] == [
        "b",
        "a",
        "Random (control)",
        "|x| (control)",
    ]
    # Means of the rows; neither overlaps with a method, and the two differ by 0 to 0.2.
    assert "0.825 (1–2)" in rows[0]
    assert "0.150 (3–4)" in rows[2]
    assert "0.250 (3–4)" in rows[3]
    table = pd.read_csv(tmp_path / "leaderboard.csv", dtype=str, keep_default_na=False)
    assert [*table["place"]] == ["1", "2", "control", "control"]
    assert [*table["met"]] == ["5", "3", "", ""]
    assert table["pairs/cosine"].astype(float).tolist() == pytest.approx([0.825, 0.825, 0.15, 0.25])


def test_what_a_method_declares_that_it_reads_is_on_card_and_leaderboard(tmp_path):
    facts = {"uses_segments": True, "needs_background": True}
    plain = full("plain", 3)
    reader = full("reader", 3, method=plain["method"] | {"name": "reader", "facts": facts})
    card = write_card(reader, [plain], tmp_path).read_text(encoding="utf-8")
    first = card.partition("<h2>Limits</h2>")[0]
    assert "The method reads wave marks, as it declares, and they hold PR, QRS and QT" in first
    assert "The method reads other ECGs, as it declares" in first
    board = write_leaderboard([reader, plain], tmp_path).read_text(encoding="utf-8")
    for page in (card, board):
        assert page.count("reads wave marks, reads other ECGs") == 1
    table = pd.read_csv(tmp_path / "leaderboard.csv", keep_default_na=False).set_index("method")
    table = table.query("place != 'control'")
    assert table["reads"].to_dict() == {"reader": "reads wave marks, reads other ECGs", "plain": ""}


def test_the_sources_of_published_networks_are_on_the_card(tmp_path):
    source = "chagas: weights of team Ahus AIM (MIT); ECGs of A. H. Ribeiro (CC BY 4.0)"
    page = write_card(full("mine", 3, sources=[source]), [], tmp_path).read_text(encoding="utf-8")
    assert f"Published network {source}." in page
    told = {"label": "mine", "answer": "", "warnings": [], "parts": [], "cost": "", "order": []}
    sheet = paper(full("mine", 3), told | {"sources": [source]}, {}, [])
    assert source in [text.get_text() for text in sheet.texts]


def test_one_name_twice_and_two_tiers_are_refused(tmp_path):
    with pytest.raises(ValueError, match="expected each method once, got a twice"):
        write_leaderboard([full("a", 3), full("a", 4)], tmp_path)
    with pytest.raises(ValueError, match="expected results of one tier, got full, quick"):
        write_leaderboard([full("a", 3), full("b", 4, tier="full")], tmp_path)
    smaller = {**asdict(TIERS["quick"]), "workers": 0, "ecgs": 6}
    with pytest.raises(ValueError, match="results of one size, got several sizes of the quick"):
        write_leaderboard([full("a", 3), full("b", 4) | {"sizes": smaller}], tmp_path)


def test_a_limit_that_is_open_is_said_to_count_as_not_met(tmp_path):
    mine = full("mine", 3)
    card = write_card(mine, [full("saliency", 5)], tmp_path).read_text(encoding="utf-8")
    board = write_leaderboard([mine], tmp_path).read_text(encoding="utf-8")
    for page in (card, board):
        assert "“Open” and “not tried” count as not met" in page
        assert "methods below may be as good" in page


def test_each_mark_stands_beside_the_number_that_its_limit_is_about():
    tried = {"not tried", "fails"}  # a part that refuses has no number
    for card in reference("quick"):
        (row,) = table_rows([card])
        for mark, outcome in zip(row["marks"], card["outcomes"], strict=False):  # others describe
            assert mark["word"] == MARKS[outcome["verdict"]]
            shown = mark["number"].replace("−", "-").replace(" %", "%")
            assert shown in outcome["said"]
            assert shown or outcome["verdict"] in tried
        reason = {
            **card["outcomes"][3],
            "verdict": "not tried",
            "said": "refused: 3 of 9, 20%, 1.5",
        }
        of_reason = [{**reason, "part": part} for part in LIMITS]
        (row,) = table_rows([{**card, "outcomes": of_reason}])
        assert {mark["number"] for mark in row["marks"]} == {""}


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["saliency", "lime", "deeplift_shap"])
def test_the_sheet_has_room_for_every_line(name):
    rows = reference("quick")
    result = next(each for each in rows if each["method"]["name"] == name)
    scores = side_by_side(rows)
    names = headline_scores(scores)
    about = {"label": name, "answer": "place 1", "cost": cost_words(result), "sources": []}
    about |= {"warnings": warnings(result, rows), "parts": part_rows(result)}
    sheet = paper(result, about | {"order": order_lines(rows)}, scores, names)
    (axes,) = sheet.axes
    points = axes.get_position().height * sheet.get_figheight() * 72 / len(names)
    assert points > 2 * 6.5 * 1.2  # a label of two lines of 6.5 points
    assert min(text.get_position()[1] for text in sheet.texts) > 0.03


def test_words_of_results_are_explained_on_page_and_sheet(tmp_path):
    mine = full("mine", 3)
    card = write_card(mine, [full("saliency", 5)], tmp_path).read_text(encoding="utf-8")
    told = {"label": "mine", "answer": "", "warnings": [], "parts": [], "cost": "", "order": []}
    sheet = paper(mine, told | {"sources": []}, {}, [])
    printed = " ".join(text.get_text() for text in sheet.texts)
    for words in (
        "“Open” is a limit",
        "by the score that maps of such networks keep",
        "2 also above the target prior",
    ):
        assert words in card
        assert words in printed


@pytest.mark.parametrize("text", ["[" * 100_000, '{"suite": 1, "suite": 2}', "9" * 5000, "{"])
def test_a_card_that_is_no_plain_json_is_refused_in_one_line(text, tmp_path):
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(ValueError, match=r"card\.json; it is none") as told:
        read_result(tmp_path / "card.json")
    assert "\n" not in str(told.value)

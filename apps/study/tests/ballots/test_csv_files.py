"""CSV files of ballots, guesses and sums: round trips, and errors that name the line."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from ecglens_study import Ballot, import_study, load_study, read_votes, write_votes
from ecglens_study.ballots import BALLOT_COLUMNS
from ecglens_study.csv_files import (
    COUNT_COLUMNS,
    GUESS_COLUMNS,
    guesses_text,
    read_counts,
    read_guesses,
    votes_text,
)

PICKED = Ballot(
    "s", "pick", "pr", "full", "e1", 1, "ann", 1, "saliency", "", 0, 3, 9, 7.25,
    second="P wave", comment='a "quoted", line',
)  # fmt: skip
RATED = replace(PICKED, task="rate", rating=4)
PAIRED = replace(PICKED, task="pair", other="deeplift", position=2, shown=2)
GOOD = "s,pick,pr,full,e1,2,ann,2,saliency,,,3,9,7.25,,,"


@pytest.mark.parametrize("ballot", [PICKED, RATED, PAIRED], ids=lambda ballot: ballot.task)
def test_ballots_survive_their_file(ballot, tmp_path):
    second = replace(ballot, showing=2, order=2, position=0, comment="=1+1\nµV")
    path = write_votes([ballot, second], tmp_path / "votes.csv")
    assert path.read_text("utf-8").splitlines()[0] == ",".join(BALLOT_COLUMNS)
    assert read_votes(path) == [ballot, second]


@pytest.mark.parametrize("mark", [";", "\t", ",", "\n"])
def test_a_formula_behind_a_separator_of_another_country_is_text_too(mark, tmp_path):
    ballot = replace(PICKED, comment=f"clear{mark}=HYPERLINK(1)")
    text = write_votes([ballot], tmp_path / "votes.csv").read_text("utf-8")
    assert f"{mark} =HYPERLINK(1)" in text
    assert votes_text(read_votes(tmp_path / "votes.csv")) == text  # no space is added again


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_spreadsheet_takes_no_text_for_a_formula(formula, tmp_path):
    ballot = replace(PICKED, expert=formula, comment=formula)
    path = write_votes([ballot], tmp_path / "votes.csv")
    assert path.read_text("utf-8").count(f", {formula},") == 1
    assert path.read_text("utf-8").splitlines()[1].endswith(f", {formula}")
    assert read_votes(path) == [ballot]
    guesses = pd.DataFrame([(formula, "saliency", "unknown")], columns=pd.Index(GUESS_COLUMNS))
    (tmp_path / "guesses.csv").write_text(text := guesses_text(guesses), "utf-8")
    assert text.splitlines()[1].startswith(f" {formula},")
    pd.testing.assert_frame_equal(read_guesses(tmp_path / "guesses.csv"), guesses)


def test_an_unknown_time_stays_unknown(tmp_path):
    path = write_votes([replace(PICKED, seconds=math.nan)], tmp_path / "votes.csv")
    assert math.isnan(read_votes(path)[0].seconds)


def faulty(tmp_path: Path, **cells: str) -> str:
    """Error message for a file whose second ballot has these cells."""
    path = write_votes([PICKED, replace(PICKED, showing=2)], tmp_path / "votes.csv")
    header, first, _ = path.read_text("utf-8").splitlines()
    good = dict(zip(BALLOT_COLUMNS, GOOD.split(","), strict=True))
    path.write_text("\n".join([header, first, ",".join((good | cells).values())]), "utf-8")
    with pytest.raises(ValueError, match=r"votes\.csv line 3: ") as caught:
        read_votes(path)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"view": "half"}, "expected view to be one of full, averaged, got 'half'"),
        ({"task": "best"}, "expected task to be one of pick, rate, pair, got 'best'"),
        ({"showing": "3"}, "expected showing to be one of 1, 2, got 3"),
        ({"showing": "two"}, "expected a whole number as showing, got 'two'"),
        ({"showing": ""}, "expected a whole number as showing, got ''"),
        ({"seconds": "7,5"}, "expected one cell per column"),
        ({"seconds": "fast"}, "expected a number as seconds, got 'fast'"),
        ({"seconds": "-1"}, "expected seconds of 0 or more"),
        ({"seconds": "inf"}, "expected seconds of 0 or more"),
        ({"position": "10"}, "expected position from 1 to shown, got 10 of 9"),
        ({"order": "0"}, "expected order to count from 1, got 0"),
        ({"expert": " "}, "expected a value for expert, got nothing"),
        ({"expert": "mean"}, "expected an expert not named 'mean', which stands for all experts"),
        ({"rating": "4"}, "expected a rating only with task rate, got 4 with pick"),
        ({"other": "deeplift"}, "expected other with task pair and with no other task"),
        ({"choice": "none"}, "expected 'none' only with task pick and without a position"),
        ({"study": "t"}, "expected study 's' in all rows, got 't'"),
        ({"showing": "1"}, "expected each decision once, got that of line 2"),
    ],
)
def test_a_fault_is_named_by_its_line(cells, said, tmp_path):
    assert said in faulty(tmp_path, **cells)


@pytest.mark.parametrize(
    ("ballot", "shown", "answers"),
    [
        (RATED, {"choice": "truth"}, {1: False, 3: False, 4: True}),
        (RATED, {"choice": "random"}, {2: True, 3: False, 5: False}),
    ],
)
def test_a_rating_is_right_above_the_middle_for_the_right_map_and_below_for_noise(
    ballot, shown, answers
):
    for rating, right in answers.items():
        assert replace(ballot, catch="truth", rating=rating, **shown).right == right


@pytest.mark.parametrize(
    ("ballot", "wrong", "said"),
    [
        (RATED, {"rating": 6}, "expected a rating from 1 to 5, got 6"),
        (PAIRED, {"other": ""}, "expected other with task pair .*, got 'nothing'"),
        (PAIRED, {"other": "saliency"}, "expected other to differ from the choice"),
    ],
)
def test_a_ballot_fits_its_task(ballot, wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(ballot, **wrong)


def test_every_fault_has_a_line_and_many_are_cut_short(tmp_path):
    path = write_votes([PICKED], tmp_path / "votes.csv")
    header, row = path.read_text("utf-8").strip().splitlines()
    wrong = row.replace("full", "half")
    path.write_text("\n".join([header, *[wrong] * 30]), "utf-8")
    with pytest.raises(ValueError, match="and 10 more") as caught:
        read_votes(path)
    assert len(str(caught.value).splitlines()) == 21
    path.write_text(header.replace("view,", "") + "\n", "utf-8")
    with pytest.raises(
        ValueError, match=r"line 1: expected the columns .*missing view, unknown none"
    ):
        read_votes(path)
    path.write_text(header + "\n", "utf-8")
    with pytest.raises(ValueError, match="line 2: expected a ballot, got the end of the file"):
        read_votes(path)


def test_what_was_judged_does_not_depend_on_the_answer():
    other_way = replace(PAIRED, choice="deeplift", other="saliency")
    assert PAIRED.item == other_way.item
    assert {PAIRED.answer, other_way.answer} == {"first", "second"}
    assert PICKED.item == replace(PICKED, choice="deeplift").item
    assert RATED.item != replace(RATED, choice="deeplift").item


COUNTS = "target,view,method,votes\npr,full,a,3\npr,full,b,2\nqt,full,a,5\nqt,full,b,0\n"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("qt,full,a,5", "qt,full,a,4"), "qt, full: expected 5 votes in total, got 4"),
        (("qt,full,a,5", "qt,full,a,five"), "line 4: expected votes as a whole number"),
        (("qt,full,a,5", f"qt,full,a,{10**20}"), "line 4: expected votes .* of up to 9 digits"),
        (("qt,full,a,5", "qt,full,a,-5"), "line 4: expected votes as a whole number"),
        (("qt,full,a,5", "qt,half,a,5"), "line 4: expected view to be one of full, averaged"),
        (("qt,full,a,5", "pr,full,a,5"), "line 4: expected .* once, also line 2"),
        (("view,", "views,"), "line 1: .*missing view, unknown views"),
    ],
)
def test_sums_are_checked(changed, said, tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(COUNTS, "utf-8")
    assert list(read_counts(path, 5)["votes"]) == [3, 2, 5, 0]
    path.write_text(COUNTS.replace(*changed), "utf-8")
    with pytest.raises(ValueError, match=said):
        read_counts(path, 5)


def test_a_cell_beyond_the_csv_module_is_named_by_its_line(tmp_path):
    path = tmp_path / "file.csv"
    for read, columns in (
        (read_votes, BALLOT_COLUMNS),
        (read_counts, COUNT_COLUMNS),
        (read_guesses, GUESS_COLUMNS),
    ):
        path.write_text(",".join(columns) + "\n" + "x" * 200_000, "utf-8")
        with pytest.raises(
            ValueError, match=r"file.csv line 2: expected cells of text, got: field"
        ):
            read(path)


def test_columns_in_quotes_are_columns(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text('"target","view","method","votes"\n"pr","full","saliency","3"\n', "utf-8")
    assert import_study(path, tmp_path / "study").methods == ("saliency",)


def test_a_study_is_imported_once_and_knows_its_methods(tmp_path):
    path = write_votes([PICKED], tmp_path / "votes.csv")
    study = import_study(path, tmp_path / "study", ["saliency", "deconvolution"])
    assert study.methods == ("saliency", "deconvolution")
    with pytest.raises(ValueError, match="expected a new folder"):
        import_study(path, tmp_path / "study")
    with pytest.raises(ValueError, match="expected votes for deeplift, got saliency"):
        import_study(path, tmp_path / "other", ["deeplift"])
    assert not (tmp_path / "other").exists()


def test_no_map_is_useful_is_an_answer_and_no_method(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("target,view,method,votes\npr,full,saliency,3\npr,full,none,2\n", "utf-8")
    assert import_study(path, tmp_path / "chosen").methods == ("saliency",)
    about = tmp_path / "chosen" / "study.json"
    about.write_text('{"name": "s", "methods": ["saliency", "none"]}')  # of an earlier version
    assert load_study(tmp_path / "chosen").methods == ("saliency",)
    with pytest.raises(ValueError, match="expected a vote for a method, got none alone"):
        import_study(path, tmp_path / "other", ["none"])
    named = ["saliency", "deeplift", "saliency", "none"]
    assert import_study(path, tmp_path / "named", named).methods == ("saliency", "deeplift")


def test_votes_that_do_not_sum_to_the_decisions_are_not_imported(tmp_path):
    path = write_votes([PICKED, replace(PICKED, showing=2)], tmp_path / "votes.csv")
    assert len(import_study(path, tmp_path / "two", decisions=2).votes) == 2
    with pytest.raises(ValueError, match="pr, full: expected 3 votes in total, got 2"):
        import_study(path, tmp_path / "three", decisions=3)


def test_a_guess_is_on_a_method(tmp_path):
    path, guesses = write_votes([PICKED], tmp_path / "votes.csv"), tmp_path / "guesses.csv"
    guesses.write_text("expert,method,guess\nann,unknown,saliency\n", "utf-8")
    with pytest.raises(ValueError, match="expected guesses on saliency, got unknown"):
        import_study(path, tmp_path / "study", guesses=guesses)

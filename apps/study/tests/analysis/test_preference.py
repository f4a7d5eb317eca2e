"""Preference and rater behaviour against closed forms."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.report.views.views import evaluation_views
from ecglens_study import frame_of, simulate_pairs
from ecglens_study.ballots import Ballot
from ecglens_study.behaviour import behaviour_table, blinding_table, position_bias, position_counts
from ecglens_study.csv_files import read_guesses
from ecglens_study.preference import bradley_terry, connected, strengths, vote_table, votes_finding
from scipy import optimize, stats

from tests.report.views.test_every_number import unknown

TRUE = {"saliency": 0.5, "deeplift": 0.3, "smoothgrad": 0.15, "deconvolution": 0.05}


def ballot(ecg: int, expert: str, choice: str, **more) -> Ballot:
    made = Ballot("s", "pick", "pr", "full", f"e{ecg}", 1, expert, ecg + 1, choice, "", 0,
                  0 if choice == "none" else 1, 3, 5.0)  # fmt: skip
    return replace(made, **more)


def test_the_sentence_says_how_often_no_map_was_useful():
    chosen = ["none", "none", "saliency", "deeplift"]
    votes = [ballot(ecg, "ann", choice) for ecg, choice in enumerate(chosen)]
    assert (
        "In 50\N{NO-BREAK SPACE}% of the decisions no map was useful."
        in votes_finding(frame_of(votes), [*TRUE], 4).sentence
    )
    some = frame_of([vote for vote in votes if vote.choice != "none"])
    assert "useful" not in votes_finding(some, [*TRUE], 4).sentence


def test_every_number_in_the_sentence_on_votes_is_in_their_table():
    even = dict.fromkeys(TRUE, 0.25)
    for strengths_of in (TRUE, even):
        votes = frame_of(simulate_pairs(strengths_of, 40, 3, "pr", 0))
        finding = votes_finding(votes, [*TRUE], 2)
        (view,) = evaluation_views([finding])
        assert "preferred" in finding.sentence
        counted, _, rest = finding.sentence.partition(" decisions")
        assert counted == f"In {len(votes)}"
        assert unknown(view, rest) == []


def test_two_methods_have_the_share_of_wins():
    found = bradley_terry(np.array([[0.0, 30.0], [10.0, 0.0]]))
    np.testing.assert_allclose(found, [0.75, 0.25], atol=1e-9)


def test_strengths_are_the_maximum_of_the_likelihood():
    wins = np.random.default_rng(0).integers(1, 20, (5, 5)).astype(float)
    np.fill_diagonal(wins, 0)

    def unlikely(logs: np.ndarray) -> float:
        full = np.append(logs, 0.0)
        return float((wins * np.logaddexp(0, full[None] - full[:, None])).sum())

    logs = np.append(optimize.minimize(unlikely, np.zeros(4), tol=1e-12).x, 0.0)
    expected = np.exp(logs) / np.exp(logs).sum()
    np.testing.assert_allclose(bradley_terry(wins), expected, atol=1e-6)
    both = bradley_terry(np.stack([wins, wins.T]))
    np.testing.assert_allclose(both[0], expected, atol=1e-6)


def test_planted_strengths_lie_in_their_intervals():
    held = 0
    for seed in range(5):
        votes = frame_of(simulate_pairs(TRUE, 40, 3, "pr", seed))
        found = strengths(votes, [*TRUE])
        assert found.note == ""
        rows = found.table.set_index("method")
        held += sum(rows.loc[name, "low"] < TRUE[name] < rows.loc[name, "high"] for name in TRUE)
    # Of 20 intervals of 95 %, fewer than 16 hold in 1 of 400 cases.
    assert held >= 16
    found = votes_finding(frame_of(simulate_pairs(TRUE, 40, 3, "pr", 0)), [*TRUE], 2)
    assert "preferred saliency most often" in found.sentence
    assert found.measures[0].chance == 0.5
    mean = found.table["value"].mean()  # each comparison has one winner
    assert mean == pytest.approx(0.5, abs=1e-9)


def test_a_method_that_never_lost_is_said():
    assert not connected(np.array([[0.0, 3.0], [0.0, 0.0]]))
    found = strengths(frame_of(simulate_pairs({"a": 1.0, "b": 1e-12}, 5, 1, "pr", 0)), ["a", "b"])
    np.testing.assert_allclose(found.table["value"], [1, 0], atol=1e-6)
    assert "never lost" in found.note


def test_a_method_that_was_never_compared_has_no_strength():
    two = {"a": 0.7, "b": 0.3}
    votes = frame_of(simulate_pairs(two, 12, 2, "pr", 0))
    found, known = strengths(votes, ["a", "b", "c"]), strengths(votes, ["a", "b"])
    pd.testing.assert_frame_equal(found.table[:2], known.table)
    assert found.table.loc[2, "method"] == "c"
    assert found.table.loc[2, ["value", "low", "high"]].isna().all()
    assert (known.note, found.note) == ("", "never compared, and so without a strength: c")


def test_a_method_on_few_ecgs_has_an_interval_of_the_replicates_with_it():
    votes = frame_of([
        ballot(ecg, "a", choice, task="pair", other=other)
        for ecg in range(12)
        for choice, other in [("x", "y"), ("y", "x"), *([("z", "x"), ("x", "z")] * (ecg < 2))]
    ])  # fmt: skip
    rows = strengths(votes, ["x", "y", "z"]).table.set_index("method")
    # Each beat each other as often: 1/3, or 1/2 in replicates without z.
    np.testing.assert_allclose(rows.loc["z"], 1 / 3, atol=1e-6)
    np.testing.assert_allclose(rows.loc["x"].astype(float), [1 / 3, 1 / 3, 1 / 2], atol=1e-6)
    fewer = votes.query("ecg != 'e1'")
    one = strengths(fewer, ["x", "y", "z"]).table.set_index("method")
    assert one.loc["z", ["low", "high"]].isna().all()


def test_votes_count_none_among_the_decisions_and_list_what_was_never_chosen():
    chosen = ((0, "a", "x"), (0, "b", "none"), (1, "a", "y"), (1, "b", "x"))
    votes = frame_of([ballot(*each) for each in chosen])
    table = vote_table(votes, ["x", "y", "z"])
    assert table["full", "pr"].to_dict() == {"x": 2, "y": 1, "z": 0, "none": 1}
    found = votes_finding(votes, ["x", "y", "z"], 3)
    assert found.table["value"].tolist() == [0.5, 0.25, 0.0]


def test_ratings_are_means_over_experts_then_ecgs():
    rated = [
        ballot(ecg, expert, name, task="rate", rating=rating)
        for ecg, expert, name, rating in
        [(0, "a", "x", 5), (0, "b", "x", 4), (1, "a", "x", 3), (0, "a", "y", 1), (1, "b", "y", 2)]
    ]  # fmt: skip
    found = votes_finding(frame_of(rated), ["x", "y"], 1)
    assert found.table["value"].tolist() == [(4.5 + 3) / 2, 1.5]
    assert "rated x highest (mean 3.75 of 5)" in found.sentence


def test_table_and_sentence_are_of_the_ecgs_with_votes_on_every_method():
    given = {"x": [5, 3, 5], "y": [1, 2]}  # x alone was rated on the third ECG
    rated = [
        ballot(ecg, "a", name, task="rate", rating=rating)
        for name, ratings in given.items()
        for ecg, rating in enumerate(ratings)
    ]
    found = votes_finding(frame_of(rated), ["x", "y"], 1)
    assert found.table["value"].tolist() == [4.0, 1.5]
    assert found.about.records == ("e0", "e1")
    assert found.sentence.startswith(
        "In 4 decisions on the 2 of 3 ECGs with votes on every method, experts rated x highest "
        "(mean 4.00 of 5)"
    )
    # One ECG in common ranks nothing; the table has all.
    few = votes_finding(frame_of([rated[0], *rated[2:4]]), ["x", "y"], 1)
    assert few.table["value"].tolist() == [5.0, 1.0]
    assert few.sentence.endswith("too few for a ranking.")


def test_the_leader_is_told_from_others_only_where_ecgs_agree():
    draw = np.random.default_rng(0)
    clear = [ballot(ecg, "a", "x") for ecg in range(30)]
    even = [ballot(ecg, "a", str(draw.choice(["x", "y"]))) for ecg in range(30)]
    assert "not distinguishable" not in votes_finding(frame_of(clear), ["x", "y"], 3).sentence
    assert "not distinguishable from it" in votes_finding(frame_of(even), ["x", "y"], 3).sentence


def test_position_bias_is_pearsons_chi_square():
    counts = np.array([30, 20, 10])
    found, expected = position_bias(counts), stats.chisquare(counts)
    assert (found.chi2, found.p) == pytest.approx(tuple(expected))
    # 4 of 4 in the first of 2 places: 2/16 by chance, either side.
    assert position_bias(np.array([4, 0])).p == pytest.approx(0.125, abs=0.01)
    assert np.isnan(position_bias(np.zeros(0, int)).p)


def test_conduct_is_that_of_each_expert():
    made = [
        ballot(n, expert, "x", position=1 + n % 3, seconds=20.0 - n if expert == "a" else np.nan)
        for expert in "ab"
        for n in range(12)
    ]
    made += [
        ballot(90 + n, "a", name, catch="truth") for n, name in enumerate(["truth", "truth", "x"])
    ]
    votes = frame_of(made)
    table = behaviour_table(votes).set_index("expert")
    assert table.loc["a", "decisions"] == 12
    assert table.loc["a", "seconds"] == 14.5
    assert table.loc["a", "early"] > table.loc["a", "late"]
    assert table.loc["a", "p"] < 0.05
    assert table.loc["a", ["catch_right", "catch_items"]].tolist() == [2, 3]
    exact = stats.binomtest(2, 3).proportion_ci()
    assert table.loc["a", "accuracy_low"] == pytest.approx(exact.low)
    assert np.isnan(table.loc["b", "seconds"])
    assert table.loc["b", "catch_items"] == 0
    assert position_counts(votes.loc[votes["catch"] == ""]).tolist() == [8, 8, 8]
    assert table.loc["all", "position_p"] == 1


def test_the_blinding_index_is_bangs_for_two_arms(tmp_path):
    # Bang 2004: (2 r − 1) · share that guessed = (2 · 6/8 − 1) · 8/10.
    rows = ["a"] * 6 + ["b"] * 2 + ["unknown"] * 2
    guesses = pd.DataFrame({"expert": "e", "method": "a", "guess": rows})
    found = blinding_table(guesses, 2)
    assert found["index"].tolist() == pytest.approx([0.4])
    assert blinding_table(guesses.assign(guess="a"), 9)["index"].tolist() == [1.0]
    ninth = pd.DataFrame({"expert": "e", "method": "a", "guess": ["a", *"bcdefghi"]})
    assert blinding_table(ninth, 9)["index"].tolist() == pytest.approx([0.0])
    path = tmp_path / "guesses.csv"
    path.write_text("expert,method,guess\nann,a,\n", "utf-8")
    with pytest.raises(ValueError, match=r"guesses\.csv line 2: expected a value for guess"):
        read_guesses(path)

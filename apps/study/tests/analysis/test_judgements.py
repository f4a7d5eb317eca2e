"""What judgements with and without the map come to, against sums made by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from ecglens_study.crossover import COLUMNS
from ecglens_study.judgements import OUTCOMES, carry_over, effect, pairs_of, usefulness
from ecglens_study.page import write_usefulness
from ecglens_study.readers import Readers, simulate_judgements, simulated_pairs

ACCURACY = OUTCOMES[0]


def row(expert: str, ecg: str, shown: bool, period: int, **fields) -> dict[str, object]:
    """Judgement of a wrong reading that was refused with 80 %."""
    return {
        "study": "s", "target": "pr", "ecg": ecg, "reading": "wrong", "expert": expert,
        "map": "with" if shown else "without", "period": period, "order": 1, "answer": "wrong",
        "confidence": 80, "seconds": 10.0, "at": f"2026-01-{19 * period - 18:02d}T10:00:00Z",
        "second": "", "comment": "",
    } | fields  # fmt: skip


def table(*rows: dict[str, object]) -> pd.DataFrame:
    """Judgements with the columns of an export."""
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def test_a_ratio_with_less_than_a_degree_of_freedom_has_no_interval():
    expert, ecg = np.divmod(np.arange(6), 3)
    ratios = [-0.582, -1.952, -2.467, -2.415, -0.275, -0.637]
    period = 1 + (expert + ecg) % 2
    pairs = pd.DataFrame({"expert": expert, "ecg": ecg, "without": 0.0, "with": ratios})
    _, _, value, low, high, p = effect(pairs.assign(period=period), math.exp)
    assert 0 < value < 1
    assert np.isnan([low, high, p]).all()


def test_outcomes_are_those_of_their_definitions():
    found = usefulness(
        table(
            row("A", "e1", True, 1, answer="right", confidence=70, seconds=20.0),  # over-trust
            row("A", "e1", False, 2, confidence=90, seconds=5.0),
            row("A", "e2", False, 1, reading="right", answer="wrong", confidence=60),  # under-trust
            row("A", "e2", True, 2, reading="right", answer="right", confidence=100, seconds=5.0),
            row("B", "e1", True, 2),
            row("B", "e1", False, 1),
            row("B", "e2", True, 1, reading="right", answer="right", confidence=50),
            row("B", "e2", False, 2, reading="right", answer="right", seconds=np.nan),
        ),
        washout=14,
    )  # fmt: skip
    by = found.outcomes.set_index("outcome")
    assert by.loc["accuracy", ["with", "without", "difference"]].tolist() == [0.75, 0.75, 0.0]
    assert by.loc["over_trust", ["with", "without"]].tolist() == [0.5, 0.0]
    assert by.loc["under_trust", ["with", "without"]].tolist() == [0.0, 0.5]
    # (stated probability that the reading is right − what it is)²
    stated = {"with": [0.49, 0.0, 0.04, 0.25], "without": [0.01, 0.36, 0.04, 0.04]}
    for arm, squares in stated.items():
        assert by.loc["brier", arm] == pytest.approx(np.mean(squares))
    # The pair without a time is left out; both orders count alike: 20 s, and 5 and 10 s, against
    # 5 s, and 10 and 10 s.
    assert by.loc["seconds", "with"] == pytest.approx(np.sqrt(20 * np.sqrt(5 * 10)))
    assert by.loc["seconds", "without"] == pytest.approx(np.sqrt(5 * 10))
    assert by.loc["seconds", "difference"] == pytest.approx(np.sqrt(20 / np.sqrt(50)))
    assert by["pairs"].tolist() == [4, 2, 2, 4, 3]
    cells = by.loc["accuracy", ["without_1", "without_2", "with_1", "with_2"]]
    assert cells.tolist() == [0.5, 1.0, 0.5, 1.0]
    assert found.readers.loc[0, "days"] == 19.0
    assert found.conclusions[0].startswith(
        "Readings judged rightly: 75 of 100 with the map, 75 without it: no more and no fewer"
    )


def test_period_is_not_taken_for_the_map():
    """Readers who gain 20 of 100 in the second period, and nothing by the map."""
    pairs = simulated_pairs(Readers(6), 20, np.random.default_rng(0))
    later = pairs["period"] == 2
    pairs["without"], pairs["with"] = 0.2 * ~later, 0.2 * later
    pairs = pairs[later | (pairs["ecg"] < 5)]  # gaps, so that the periods are no longer balanced
    noise = np.random.default_rng(1).normal(0, 0.01, len(pairs))
    found = effect(pairs.assign(**{"with": pairs["with"] + noise}))
    assert abs((pairs["with"] - pairs["without"]).mean()) > 0.05
    assert found.low < 0 < found.high
    assert abs(found.value) < 0.005
    # The mean of both periods, and the difference is that of the two printed means.
    assert found.without == pytest.approx(0.1)
    assert found.with_map - found.without == pytest.approx(found.value, abs=1e-8)


def test_carry_over_is_the_interaction_of_arm_and_period():
    pairs = simulated_pairs(Readers(6), 20, np.random.default_rng(2))
    first = pairs["period"] == 1
    with_map, without = pairs["with"], pairs["without"]
    by_hand = (with_map[first].mean() - without[~first].mean()) - (
        with_map[~first].mean() - without[first].mean()
    )
    assert carry_over(pairs)[0] == pytest.approx(by_hand)
    carried = simulated_pairs(Readers(10, carry=2.0), 40, np.random.default_rng(3))
    value, low, _ = carry_over(carried)
    assert 0 < low < value  # the trace of the map helps without it, later: its effect is smaller


@pytest.mark.heavy
def test_an_effect_is_found_and_the_page_says_so(tmp_path):
    judged = simulate_judgements(Readers(12, 0.6, 0.3), 40, seed=1)
    found = usefulness(judged, washout=14)
    assert found.notes == ()
    accuracy = found.outcomes.set_index("outcome").loc["accuracy"]
    assert 0.1 < accuracy["low"] < 0.3 < accuracy["high"]
    assert accuracy["p"] < 0.001
    assert "more (95 % interval +" in found.conclusions[0]
    assert "do not show" not in found.conclusions[0]
    page = write_usefulness(found, tmp_path).read_text("utf-8")
    assert all(sentence in page for sentence in found.conclusions)
    assert {each.name for each in tmp_path.iterdir()} == {
        "study.html", "outcomes.csv", "readers.csv", "readers.png", "readers.pdf", "readers.svg",
        "files.json",
    }  # fmt: skip


def test_limits_are_told():
    judged = simulate_judgements(Readers(4), 8, seed=2)
    early = judged["expert"] == "reader 2"
    judged.loc[early & (judged["period"] == 2), "at"] = "2026-01-02T10:00:00+00:00"
    notes = usefulness(judged.iloc[3:], washout=14, locked=False).notes
    assert notes[0].startswith("The study is not locked")
    assert "was not kept by reader 2 (1.4 days): they may" in notes[1]
    assert notes[2] == "1 judgements have no counterpart in the other arm and are left out."
    assert notes[3] == "4 readers: the intervals are wide."
    carried = simulate_judgements(Readers(12, carry=2.5), 40, seed=3)
    assert any("differs between the two periods" in note for note in usefulness(carried, 14).notes)


def test_one_reader_has_no_interval_and_one_period_no_result():
    judged = simulate_judgements(Readers(4), 8, seed=4)
    alone = usefulness(judged.query("expert == 'reader 1'"), washout=14)
    assert alone.conclusions[0].endswith("(no interval).")
    assert "1 reader: there is no interval for others." in alone.notes
    with pytest.raises(ValueError, match="got none: the second period has not begun"):
        usefulness(judged.query("period == 1"), washout=14)


def test_a_difference_of_shares_is_never_wider_than_what_can_be():
    judged = simulate_judgements(Readers(2), 6, seed=0)
    shares = usefulness(judged, washout=14).outcomes.query("kind == 'share'").dropna(subset="low")
    assert len(shares) > 0
    assert (shares["low"] >= -1).all()
    assert (shares["high"] <= 1).all()
    assert (shares["high"] - shares["low"] > 1.5).any()  # two readers say little


def test_a_pair_has_both_judgements_of_one_reader_on_one_ecg():
    judged = simulate_judgements(Readers(3), 8, seed=5)
    pairs = pairs_of(judged, ACCURACY)
    assert len(pairs) == 3 * 8
    mixed = pairs_of(judged.sample(frac=1, random_state=1), ACCURACY)
    order = ["expert", "ecg"]
    pd.testing.assert_frame_equal(
        mixed.sort_values(order, ignore_index=True), pairs.sort_values(order, ignore_index=True)
    )
    for each in pairs.to_dict("records"):
        own = judged[(judged["expert"] == each["expert"]) & (judged["ecg"] == each["ecg"])]
        (shown,) = own.query("map == 'with'").to_dict("records")
        assert each["with"] == (shown["answer"] == shown["reading"])
        assert each["period"] == shown["period"]

"""Networks set by hand on exact ECGs: their gains are known, and so is what they do not read."""

import numpy as np
import pytest
import torch
from ecglens.datamodules import Target, target_of
from ecglens.ecg import draw_exact, exact_beat
from ecglens.store import Store
from ecglens_measure import marked
from ecglens_measure.doses import doses
from ecglens_measure.known import Known
from ecglens_measure.library import sheet_of
from ecglens_measure.responses import NO_RESPONSE, STRAIGHT

from .networks import LEADS_OF_P, Reads, height, place_of_p

SLOW = 440  # samples of RR: T of the beat before has ended where P is read
CROSS_TALK = 0.01  # of the gain
# Not qrs: it widens QRS on both sides of the R peak, to which these networks measure.
OTHERS = ("qrs_end", "t_shift", "t_end", "r", "t")


@pytest.fixture(scope="module")
def known() -> Known:
    drawn = [each for each in (draw_exact(7, k) for k in range(80)) if each.rr_samples > SLOW]
    records = [exact_beat(each) for each in drawn[:24]]
    ids = tuple(record.id for record in records)
    x = np.stack([record.signal for record in records])
    return Known(marked(x, parameters=drawn[:24], ids=ids), "24 exact ECGs", ids)


@pytest.fixture(scope="module")
def measured(known, tmp_path_factory):
    """Sheet of a rule; edits are made once for all rules."""
    store = Store(tmp_path_factory.mktemp("store"))

    def of(rule, target: str | Target = "pr"):
        chosen = list(doses(["pr", *OTHERS]).values())
        return sheet_of([Reads(rule)], [known], chosen, target_of(target), store, 0)

    return of


def gain(sheet, change) -> dict:
    (row,) = sheet.gains.loc[sheet.gains["change"] == change].to_dict("records")
    return row


def test_a_network_linear_in_pr_has_its_gain_and_no_cross_talk(measured):
    sheet = measured(lambda x: 0.8 * place_of_p(x))
    own = gain(sheet, "pr")
    assert own["gain"] == pytest.approx(0.8, rel=0.02)
    assert own["form"] == STRAIGHT
    for other in OTHERS:
        assert abs(gain(sheet, other)["gain"]) < CROSS_TALK * 0.8
        assert gain(sheet, other)["form"] == NO_RESPONSE
    assert sheet.answer.startswith("Follows PR: 10 ms more PR raise the reading by 8.0 ms")


def test_a_network_that_reads_half_of_pr_follows_it_in_part(measured):
    assert measured(lambda x: 0.5 * place_of_p(x)).answer.startswith("Follows in part PR")


def test_a_network_that_moves_a_little_or_the_other_way_does_not_follow(measured):
    for gain in (0.02, -0.5):
        sheet = measured(lambda x, gain=gain: gain * place_of_p(x))
        assert sheet.answer.startswith("Does not follow PR. 10 ms more PR")


def test_the_gain_of_a_product_is_its_other_factor_and_it_is_not_linear(measured, known):
    sheet = measured(lambda x: place_of_p(x) * height(x) / 1000)
    r = known.labels["r"].mean() / 1000
    assert gain(sheet, "pr")["gain"] == pytest.approx(r, rel=0.02)
    assert gain(sheet, "pr")["form"] == "not linear: differs between ECGs"
    r_sd = known.labels["r"].std(ddof=1) / 1000
    assert gain(sheet, "pr")["scatter"] == pytest.approx(r_sd, rel=0.02)
    assert gain(sheet, "pr")["explained"] < 0.5  # neither PR nor rate is the other factor


def test_a_maximum_is_not_linear(measured, known):
    middle = float(place_of_p(torch.from_numpy(known.ecgs.x)).median())
    sheet = measured(lambda x: place_of_p(x).clamp(min=middle))
    row = gain(sheet, "pr")
    assert row["form"].startswith("not linear")
    assert 0.3 < row["gain"] < 0.7


def test_a_vote_of_three_leads_that_move_together_has_their_gain(measured):
    def vote(x):
        each = torch.stack([place_of_p(x, lead) + 5 * lead for lead in LEADS_OF_P])
        return 0.9 * each.median(0).values

    row = gain(measured(vote), "pr")
    assert row["gain"] == pytest.approx(0.9, rel=0.02)
    assert row["form"] == STRAIGHT


def test_a_network_that_learned_nothing_has_a_sheet_that_says_so(measured):
    sheet = measured(lambda x: 160.0 + 0.0 * height(x))
    assert sheet.answer.startswith("Nothing was shown that this network has learned")
    assert {*sheet.gains["form"].dropna()} == {NO_RESPONSE}


def test_a_logit_that_pr_raises_flips_the_class_of_ecgs_near_the_limit(measured):
    sheet = measured(
        lambda x: 0.1 * (place_of_p(x) - 140), Target("long", "", "long_pr", kind="binary")
    )
    flips = sheet.flips.loc[sheet.flips["change"] == "pr"]
    assert flips["share"].is_monotonic_increasing or flips["share"].max() > 0
    assert gain(sheet, "pr")["gain"] == pytest.approx(0.1, rel=0.02)

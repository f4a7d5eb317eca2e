"""Claims in numbers: shares of what tests measured, equivalence, contradiction, ECGs."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from ecglens.eval import DECIDING, GAINS, Answer, Claim, Finding, answers_of, finding_of
from ecglens.eval.evaluations.sanity import Weights
from ecglens.report.answer.claims import claim_cells
from ecglens.report.answer.top import top_words

from ..report.conftest import PR, build, with_rungs
from ..report.findings import about, of_return, of_weights

KEY = "0123456789abcdef"  # network of build


def ranking(share: float, spread: float = 0.0, protocol: int = 0) -> Finding:
    """Saliency, with a target prior and maps of others that move this share of what it does."""
    made = build(methods=("saliency",), protocol=DECIDING[protocol])
    own = made.curves[0].predictions["saliency"]
    random = np.random.default_rng(0).normal(share, spread, (*own.shape[:2], 1))
    null = own[..., :1] + random * (own - own[..., :1])
    return with_rungs(made, null, saliency=null)


def answer_of(*findings: Finding) -> Answer:
    (answer,) = answers_of(findings)
    return answer


def claims(*findings: Finding) -> dict[str, Claim]:
    return {each.about: each for each in answer_of(*findings).claims["saliency"]}


@pytest.mark.parametrize(
    ("share", "alike"), [(0.8, False), (0.95, True), (1.0, True), (1.05, True), (1.2, False)]
)
def test_a_null_of_exactly_this_share_does_as_well_within_a_tenth(share, alike):
    found = claims(ranking(share))
    for each in (found["target"], found["other patients"]):
        assert each.share == pytest.approx(share, abs=1e-6)
        assert bool(each.as_well) == alike
    assert found["target"].null == "target_prior"


def test_a_null_does_as_well_where_it_does_so_by_every_protocol():
    assert claims(ranking(1.0), ranking(1.0, protocol=1))["target"].as_well == "target_prior"
    torn = claims(ranking(1.0), ranking(0.5, protocol=1))["target"]
    assert (torn.as_well, torn.by) == ("", "default")  # the strongest is that of the first


def test_equivalence_is_not_said_where_too_few_ecgs_leave_it_open():
    found = claims(ranking(0.9, spread=0.8))["target"]
    assert found.low < 0.9 < found.share < 1.1
    assert found.as_well == ""


def test_protocols_on_opposite_sides_contradict_each_other():
    assert claims(ranking(0.5), ranking(1.5, protocol=1))["target"].contradicted == (
        "target_prior",
    )
    assert claims(ranking(0.5), ranking(0.6, protocol=1))["target"].contradicted == ()


def test_each_network_is_compared_with_itself_in_whatever_order_a_protocol_had_them():
    def of_two(protocol: int, **shares: float) -> Finding:
        each = [ranking(share, protocol=protocol) for share in shares.values()]
        two = replace(each[0].about, networks=tuple(shares), fits=())
        return finding_of(tuple(one.curves[0] for one in each), two)

    agreeing = of_two(0, a=0.5, b=1.5), of_two(1, b=1.5, a=0.5)
    assert claims(*agreeing)["target"].contradicted == ()
    torn = of_two(0, a=0.5, b=1.5), of_two(1, b=0.5, a=1.5)
    assert claims(*torn)["target"].contradicted == ("target_prior",)


def test_the_null_of_a_return_is_printed_with_the_name_of_its_test():
    made = build(methods=("saliency",))
    cells = [*claim_cells(answer_of(made, of_return({"saliency": True}, [KEY])))][3]
    assert cells[1] == "specific to its ECG"
    assert cells[3].endswith(", return test")


def test_without_a_region_nothing_is_shown_of_the_target():
    made = build(methods=("saliency",))
    own = made.curves[0].predictions["saliency"]
    found = with_rungs(made, saliency=own[..., :1] + 0.5 * (own - own[..., :1]))
    said = {name: each.verdict for name, each in claims(found).items()}
    assert (said["target"], said["other patients"]) == ("not tested", "shown")
    assert top_words(answer_of(found), found.facts).why.startswith(
        "Saliency beats the controls and other patients’ maps."
    )


def test_what_is_not_shown_has_its_ecgs_and_what_is_shown_has_none():
    found = claims(ranking(0.97, spread=0.8))["target"]
    assert found.verdict == "not shown"
    assert found.low < found.share < found.high
    fewer, more = (found.ecgs[GAINS.index(gain)] for gain in (0.2, 0.1))
    assert 6 <= fewer < more
    assert found.powers[0] < found.powers[1] < 1
    shown = claims(ranking(0.5))["target"]
    assert shown.verdict == "shown"
    assert all(isnan(each) for each in shown.ecgs)
    assert shown.powers[1] == 1.0


def test_a_gain_that_the_interval_excludes_is_not_planned():
    found = claims(ranking(0.9, spread=0.4))["target"]
    assert GAINS[0] < found.most < GAINS[1]
    assert found.plan == (GAINS[0], found.ecgs[0])
    assert claims(ranking(1.0))["target"].plan is None


def test_verdicts_are_those_of_the_answer_and_numbers_those_of_its_tests():
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    found = claims(ranking(0.5), weights, of_return({"saliency": False}, [KEY]))
    network, ecg = found["network"], found["this ECG"]
    assert (network.verdict, network.null, network.by) == ("shown", "labels", "default")
    assert (network.share, network.low, network.high) == (0.23, 0.23, 0.25)
    assert (ecg.verdict, ecg.null, ecg.share, ecg.limit) == (
        "not shown", "same_side_from_r", 0.5, 0.7,
    )  # fmt: skip
    alone = claims(ranking(0.5))
    assert {name: each.verdict for name, each in alone.items()} == {
        "network": "not tested", "target": "shown", "other patients": "shown",
        "this ECG": "not tested",
    }  # fmt: skip


def test_where_one_null_of_the_network_has_no_share_no_other_speaks_for_it():
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    table = weights.table.assign(redrawn_kept=np.nan)
    network = claims(ranking(0.5), replace(weights, table=table))["network"]
    assert (network.verdict, network.null) == ("shown", "")
    assert isnan(network.share)
    assert isnan(network.powers[0])


def test_only_a_method_that_lacks_ecgs_lacks_a_claim():
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    lacks = answer_of(ranking(0.9, spread=0.4), weights).lacks("saliency")
    assert lacks is not None
    assert lacks.about == "target"
    assert answer_of(ranking(0.5), weights).lacks("saliency") is None  # to use
    assert answer_of(ranking(0.5)).lacks("saliency") is None  # a test is missing
    assert answer_of(ranking(1.5), weights).lacks("saliency") is None  # it failed

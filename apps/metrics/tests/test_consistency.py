import numpy as np
import pandas as pd
import pytest
from ecglens.eval import Networks
from ecglens.eval.statistics import Estimate
from ecglens.eval.subject import donors
from ecglens.explain import attribute
from ecglens_metrics import Consistency
from ecglens_metrics.consistency import agrees, consistency_sentence

from tests.eval.evaluations.sanity.networks import ECGS, linear, made_subject, rho, trained


def test_the_same_network_twice_agrees_in_full(tmp_path):
    finding = Consistency()(Networks([trained(0), trained(0)]), made_subject(tmp_path))
    assert finding.table["value"].to_numpy() == pytest.approx(1)
    assert finding.table["output_r"].to_numpy() == pytest.approx(1)
    assert finding.table["output_difference"].to_numpy() == pytest.approx(0)


def test_linear_networks_agree_as_their_weights_do(tmp_path):
    nets = [linear(seed) for seed in range(3)]
    subject = made_subject(tmp_path)
    table = Consistency()(Networks(nets), subject).table.set_index("method")
    rows = [np.abs(net.get_parameter("1.weight").detach().numpy()).ravel() for net in nets]
    known = np.mean([rho(rows[a], rows[b]) for a, b in ((0, 1), (0, 2), (1, 2))])
    assert table["value"]["saliency"] == pytest.approx(known, abs=1e-6)
    assert table["other_ecg"]["saliency"] == pytest.approx(1)
    assert table["verdict"]["saliency"] == "fails"
    outputs = [net(subject.ecgs.x)[:, 0].detach().numpy() for net in nets]
    r = np.mean([np.corrcoef(outputs[a], outputs[b])[0, 1] for a, b in ((0, 1), (0, 2), (1, 2))])
    assert table["output_r"]["saliency"] == pytest.approx(r, abs=1e-5)


@pytest.mark.heavy
def test_every_baseline_is_a_slow_loop(tmp_path):
    nets, foreign = [trained(0), trained(1), trained(2)], trained(3)
    subject = made_subject(tmp_path)
    resolutions = Consistency()(Networks(nets, foreign), subject).details["resolutions"]
    maps = np.stack([attribute("saliency", net, subject.ecgs.x).flatten(1).numpy() for net in nets])
    beside = attribute("saliency", foreign, subject.ecgs.x).flatten(1).numpy()
    x = subject.ecgs.x.abs().flatten(1).numpy()
    partner = donors(subject.ecgs.record, subject.patients, 0, 0)
    pairs = [(0, 1), (0, 2), (1, 2)]
    for sign in ("signed", "absolute"):
        seen, other = (np.abs(v) if sign == "absolute" else v for v in (maps, beside))
        left = seen - seen.astype(float).mean(1, keepdims=True)

        def mean(values):
            return np.mean([rho(*one) for one in values])

        ecgs, each = range(ECGS), range(3)
        slow = {
            "value": mean([(seen[a, e], seen[b, e]) for a, b in pairs for e in ecgs]),
            "other_ecg": mean([(seen[a, e], seen[a, partner[e]]) for a in each for e in ecgs]),
            "centred": mean([(left[a, e], left[b, e]) for a, b in pairs for e in ecgs]),
            "permuted": mean([(seen[a, e], other[e]) for a in each for e in ecgs]),
            "abs_x": mean([(np.abs(maps[a, e]), x[e]) for a in each for e in ecgs]),
        }
        row = resolutions[
            (resolutions["method"] == "saliency")
            & (resolutions["scale"] == "sample")
            & (resolutions["sign"] == sign)
        ].iloc[0]
        assert {name: row[name] for name in slow} == pytest.approx(slow, abs=1e-5)


def test_one_network_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 2 networks"):
        Consistency()(Networks([linear(0)]), made_subject(tmp_path))


def around(value: float, half: float = 0.01, missing: float = 0.0) -> Estimate:
    return Estimate(value, value - half, value + half, missing)


def test_networks_agree_when_they_are_above_their_baseline_by_the_margin():
    assert agrees(around(0.3)) == "passes"
    assert agrees(around(0.0)) == "fails"
    assert agrees(around(0.1)) == "cannot be said"
    assert agrees(Estimate(np.nan, np.nan, np.nan, 1.0)) == "cannot be said"


def test_a_method_whose_maps_are_the_same_everywhere_is_left_out_of_the_mean(tmp_path):
    known = Consistency()(Networks([trained(0), trained(1)]), made_subject(tmp_path)).table
    flat = known[known["kind"] == "method"].assign(method="flat", value=np.nan, other_ecg=np.nan)
    rho = known.loc[known["kind"] == "method", "value"].mean()
    said = consistency_sentence(pd.concat([known, flat]), 2, 8)
    assert f"agree with ρ = {rho:.2f} on average" in said
    assert said.endswith("methods have no ρ, as maps that are the same everywhere.")
    assert "no ρ" not in consistency_sentence(known, 2, 8)

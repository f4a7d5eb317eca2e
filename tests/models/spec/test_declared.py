"""Every impossible setting of a spec is refused in one line that names the choices."""

from dataclasses import asdict
from typing import Any

import pytest
import yaml
from ecglens.ecg import LEADS
from ecglens.models import InputSpec, Normalisation


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"leads": ["I", "V7"]}, r"input.leads of I, II, .* V6, each at most once, got"),
        ({"leads": ["I", "i"]}, "each at most once"),
        ({"leads": []}, "each at most once, got \\[\\]"),
        ({"leads": 8}, "input.leads to be a list, each item a str, got 8"),
        ({"fs": 0}, "input.fs above 0, got 0"),
        ({"samples": 0}, "input.samples above 0, got 0"),
        ({"hop": 10}, "input.samples for windows that hop"),
        ({"window": "middle"}, "one of 'start', 'centre', 'end', got 'middle'"),
        ({"layout": "leads"}, "one of 'lead time', 'time lead', 'concatenated', '1 lead time'"),
        ({"unit": "volt"}, "input.unit as one of µV, uV, mV, V, or the µV in one unit, got 'volt'"),
        ({"unit": -1}, "input.unit above 0, got -1"),
        ({"band": [40, 0.5]}, r"\[low, high\] in Hz below 250, 0 for no limit .* got \[40, 0.5\]"),
        ({"band": [0, 0]}, "input.band"),
        ({"band": [0.5]}, "input.band"),
        ({"band": [0.5, 300]}, "below 250"),
        ({"order": 0}, "input.order above 0"),
        ({"column": -1}, "input.column of 0 or more, got -1"),
        ({"ends_with": "relu"}, "one of 'logit', 'sigmoid', 'softmax', got 'relu'"),
        ({"normalisation": "zscore"}, "one of none, z-score per lead, .* or a Normalisation"),
        ({"normalisation": {"kind": "z"}}, "one of 'z-score', 'min-max', 'fixed', got 'z'"),
        ({"normalisation": {"kind": "fixed", "sd": 0}}, "every normalisation.sd above 0, got 0"),
        (
            {"normalisation": {"kind": "z-score", "sd": 2.0}},
            "kind fixed for normalisation.mean and sd, got z",
        ),
        ({"normalisation": {"kind": "fixed", "mean": [1, 2]}}, "one or per lead|one per lead"),
        (
            {"normalisation": {"kind": "min-max", "to": [1, 1]}},
            r"normalisation.to as \[low, high\]",
        ),
        ({"normalisation": {"kind": "z-score", "least_sd": 0}}, "least_sd above 0"),
        ({"normalisation": {"kind": "z-score", "eps": 1}}, "in input.normalisation kind, .* 'eps'"),
        ({"rate": 500}, "in input leads, fs, .* got 'rate'"),
    ],
)
def test_one_line_for_each_impossible_value(settings: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message) as problem:
        InputSpec.from_plain(settings)
    assert "\n" not in str(problem.value)


def test_a_greek_mu_is_read_as_the_micro_sign():
    assert InputSpec(unit="\N{GREEK SMALL LETTER MU}V") == InputSpec(unit="\N{MICRO SIGN}V")


def test_leads_are_spelled_as_ours():
    assert InputSpec(leads=["AVL", "avf", "v1"]).leads == ("aVL", "aVF", "V1")
    assert InputSpec().leads == LEADS


def test_a_spec_is_its_yaml():
    spec = InputSpec(
        leads=("V1", "II"),
        band=(0.5, 40.0),
        normalisation=Normalisation("fixed", mean=[0, 1], sd=2.0),
    )
    assert InputSpec.from_plain(yaml.safe_load(yaml.safe_dump(asdict(spec)))) == spec
    named = InputSpec(normalisation="z-score per lead")
    assert InputSpec.from_plain(asdict(named)) == named
    assert named.normalised == Normalisation("z-score")

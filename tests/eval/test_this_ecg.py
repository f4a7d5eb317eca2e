"""Only the return test decides whether maps are specific to their ECG, on every network."""

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import About, Finding
from ecglens.eval.answer.this_ecg import this_ecg
from ecglens.eval.evaluations.return_test import FILLS, MEASURES, NULLS

TARGET = Target("pr", "ms", "pr")


def finding_of(shown: dict[str, bool], largest: float = 0.6, **changed: object) -> Finding:
    """A finding with a row per network and typical ECG, whose first null is the strongest."""
    rows = [
        {"network": network, "method": "saliency", "typical": fill, "shown": yes}
        | {null.name: 0.1 for null in NULLS}
        | {f"{null.name}{end}": 0.05 for null in NULLS for end in ("_low", "_high")}
        | {NULLS[0].name: largest if fill == FILLS[1] else 0.2}
        for network, yes in shown.items()
        for fill in FILLS
    ]
    table = pd.DataFrame(rows).assign(**changed)
    names = tuple(f"r{n}" for n in range(5))
    about = About("return_test", "?", "ours", TARGET, "median", tuple(shown), names, names)
    scores = {MEASURES[0].name: {"saliency": np.ones((len(shown), 1, len(names)))}}
    return Finding(about, MEASURES, scores, sentence="…", details={"shown": table})


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        ({"a": True, "b": True}, "shown"),
        ({"a": True, "b": False}, "not shown"),
        ({"a": True}, "not tested"),  # the second network is missing
        ({"a": True, "c": True}, "not tested"),
    ],
)
def test_a_map_has_to_be_shown_on_each_network(shown, verdict):
    found = this_ecg("saliency", ["a", "b"], [finding_of(shown)])
    assert found.verdict == verdict
    apart = [finding_of({name: yes}) for name, yes in shown.items()]
    assert this_ecg("saliency", ["a", "b"], apart).verdict == verdict


def test_the_strongest_null_of_all_networks_and_typical_ecgs_is_named():
    found = this_ecg(
        "saliency", ["a", "b"], [finding_of({"a": True}), finding_of({"b": True}, 0.9)]
    )
    assert (found.null, found.share, found.low, found.ecgs) == (NULLS[0].name, 0.9, 0.05, 5)
    nothing = finding_of({"a": False}, np.nan)  # the own map returns nothing
    assert this_ecg("saliency", ["a"], [nothing]).null == ""


def test_another_method_evaluation_or_a_refusal_shows_nothing():
    finding = finding_of({"a": True})
    assert this_ecg("deeplift", ["a"], [finding]).verdict == "not tested"
    assert this_ecg("saliency", ["a"], []).why_not == ""
    refused = Finding(finding.about, sentence="…", reason="strips")
    found = this_ecg("saliency", ["a"], [refused])
    assert (found.verdict, found.why_not) == ("not tested", "strips")


@pytest.mark.parametrize(
    ("templates", "expected"),
    [
        (("nearest", "nearest"), "nearest"),
        (("nearest", "none"), ""),
        (("none", "none"), ""),
        (("nearest", "same_side"), ""),
    ],
)
def test_a_template_has_to_do_as_well_on_each_network(templates, expected):
    each = [
        finding_of({name: False}, template=template)
        for name, template in zip("ab", templates, strict=True)
    ]
    assert this_ecg("saliency", ["a", "b"], each).template == expected
    assert this_ecg("saliency", ["a"], [finding_of({"a": False})]).template == ""

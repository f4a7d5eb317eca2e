"""The evaluation on a network that reads T in V5: where its maps must lie is known."""

import numpy as np
import pandas as pd
import pytest
from ecglens.ecg import BIT
from ecglens.eval import (
    Evaluation,
    Finding,
    Networks,
    NotApplicable,
    Subject,
    load_finding,
    save_finding,
)
from ecglens.explain import find_all
from ecglens.store import Store
from ecglens_metrics import Localisation

from tests.eval.networks import T_IN, exact_ecgs

ECGS = 10
T_IN_V5 = Localisation("wave", edges=("QRS_on",), waves=("T",), lead="V5")


def made_subject(folder, ecgs=None):
    ecgs = exact_ecgs(ECGS) if ecgs is None else ecgs
    methods = find_all(["saliency", "input_x_gradient"])
    return Subject(ecgs, methods, store=Store(folder), progress=False)


@pytest.fixture(scope="module")
def finding(tmp_path_factory) -> Finding:
    subject = made_subject(tmp_path_factory.mktemp("store"))
    return T_IN_V5(Networks([T_IN["V5"], T_IN["III"]]), subject)


def value(finding: Finding, measure: str, method: str, network: int = 0) -> float:
    return float(np.nanmean(finding.scores[measure][method][network]))


def test_a_network_that_reads_t_in_v5_is_located_there(finding):
    assert value(finding, "pointing_game", "saliency") == 1
    assert value(finding, "spatial_specificity", "saliency") == pytest.approx(1)
    assert value(finding, "relevance_mass", "input_x_gradient") > 0.75
    assert value(finding, "temporal_specificity", "input_x_gradient") > 0.9
    # The second network reads T in III: right in time, wrong in its lead.
    assert value(finding, "spatial_specificity", "saliency", 1) == 0
    # Its 60 points are fewer than the region's: the rest of the N largest are zeros, by lot.
    assert 0 < value(finding, "relevance_rank", "saliency", 1) < 0.02
    assert value(finding, "temporal_specificity", "saliency", 1) > 0.9


def test_random_maps_get_what_chance_says(finding):
    for measure in finding.measures:
        if measure.chance is not None and measure.name != "pointing_game":
            # The control is the same in both networks: a mean over ten ECGs.
            found = value(finding, measure.name, "random")
            assert found == pytest.approx(measure.chance, abs=0.015), measure.name


def test_the_finding_keeps_the_two_words_apart_and_says_its_region(finding):
    assert {measure.about for measure in finding.measures} == {"plausibility"}
    assert any("not faithfulness" in note for note in finding.notes)
    assert any(note.startswith("the region: within T, lead V5, ") for note in finding.notes)
    assert "better than every control" in finding.sentence
    assert isinstance(T_IN_V5, Evaluation)
    profiles = finding.details["profiles"]
    norms = profiles.assign(square=profiles["profile"] ** 2).groupby("method")["square"].sum()
    assert (norms <= 1 + 1e-9).all()


def test_it_comes_back_from_its_folder(finding, tmp_path):
    again = load_finding(save_finding(finding, tmp_path))
    pd.testing.assert_frame_equal(again.table, finding.table)


def test_intervals_have_no_lead_and_an_ecg_without_p_no_number(tmp_path):
    ecgs = exact_ecgs(4)
    segments = ecgs.segments.clone()
    segments[0] &= ~3  # its P and PQ are unknown
    pr = Localisation("edge", edges=("P_on", "QRS_on"), waves=("P", "PQ"))
    subject = made_subject(tmp_path, ecgs._replace(segments=segments))
    finding = pr(Networks([T_IN["V5"]]), subject)
    assert "spatial_specificity" not in finding.scores
    for by_method in finding.scores.values():
        for scores in by_method.values():
            assert np.isnan(scores[0, 0]).tolist() == [True, False, False, False]
    assert any("1 ECGs have no such region" in note for note in finding.notes)


def test_an_ecg_without_t_has_no_number_of_any_measure(tmp_path):
    ecgs = exact_ecgs(4)
    segments = ecgs.segments.clone()
    segments[0] &= ~BIT["T"]
    subject = made_subject(tmp_path, ecgs._replace(segments=segments))
    finding = T_IN_V5(Networks([T_IN["V5"]]), subject)
    assert "spatial_specificity" in finding.scores
    for name, by_method in finding.scores.items():
        for scores in by_method.values():
            assert np.isnan(scores[0, 0]).tolist() == [True, False, False, False], name


def test_absolute_counts_relevance_of_either_sign(tmp_path):
    """T in III is negative in some ECGs: what is multiplied by it speaks against, not elsewhere."""
    networks = Networks([T_IN["III"]])
    published, absolute = (
        Localisation("wave", (), ("T",), "III", sign)(networks, made_subject(tmp_path))
        for sign in ("published", "absolute")
    )

    def scores(finding, measure):
        return finding.scores[measure]["input_x_gradient"]

    negative = scores(published, "relevance_rank") < scores(absolute, "relevance_rank")
    assert negative.any()
    assert not negative.all()
    assert (scores(published, "aup") == scores(absolute, "aup")).all()


def test_a_target_without_places_says_what_to_do(tmp_path):
    with pytest.raises(NotApplicable, match=r"target\.waves=\[P,PQ\]"):
        Localisation("both")(Networks([T_IN["V5"]]), made_subject(tmp_path))


def test_a_mask_or_a_sign_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"localisation.mask to be one of 'edge', 'wave', 'both'"):
        Localisation("edges")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match=r"localisation.sign to be one of 'published', 'absolute'"):
        Localisation("wave", sign="absolut")  # pyright: ignore[reportArgumentType]

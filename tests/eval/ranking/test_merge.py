from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import DEFAULT, merge, rank

from ..networks import made_scores
from ..test_result import made_result


def split(whole, *names):
    """The part of a result that a job with these methods alone would have made."""
    keep = {*names, *whole.scores.controls}
    part = {name: curve for name, curve in whole.scores.curves.items() if name in keep}
    gallery = replace(
        whole.scores.gallery,
        heatmaps={name: whole.scores.gallery.heatmaps[name] for name in part},
    )
    scores = replace(whole.scores, curves=part, gallery=gallery)
    return replace(whole, scores=scores)


def test_methods_of_two_jobs_are_ranked_as_if_they_had_been_one():
    whole = made_result(ecgs=12, methods=("saliency", "smoothgrad"))
    merged = merge([split(whole, "saliency"), split(whole, "smoothgrad")])
    assert set(merged.scores.methods) == {"saliency", "smoothgrad"}
    assert merged.scores.gallery.heatmaps.keys() == whole.scores.gallery.heatmaps.keys()
    one, other = rank(merged).table, rank(whole).table
    assert one["method"].tolist() == other["method"].tolist()
    assert np.allclose(one["p"], other["p"], equal_nan=True)


def test_what_was_left_out_and_the_facts_of_all_are_kept():
    one = made_result()
    other = replace(
        one,
        scores=replace(one.scores, left_out={"deeplift": "functional ReLU"}),
        facts={"fit": {"mae": 6.0}, "sweep": 1},
    )
    merged = merge([one, other])
    assert merged.scores.left_out == {"deeplift": "functional ReLU"}
    assert merged.facts == {**one.facts, "sweep": 1}


def test_only_results_of_one_experiment_are_merged():
    one = made_result()
    wrong = {
        "different networks": replace(one, network="other"),
        "different inputs": replace(one, input="rhythm"),
        "different seeds": replace(one, scores=replace(one.scores, seed=1)),
        "different protocols": replace(
            one, scores=replace(one.scores, protocol=replace(DEFAULT, noise=0.1))
        ),
        "different targets and records": replace(
            one,
            target=replace(one.target, name="qt"),
            scores=replace(one.scores, records=("7", "8", "9", "10")),
        ),
    }
    for words, other in wrong.items():
        with pytest.raises(ValueError, match=f"one experiment, got {words}$"):
            merge([one, other])
    known = replace(one, scores=replace(one.scores, patients=("a", "a", "b", "c")))
    with pytest.raises(ValueError, match=r"one experiment, got different patients$"):
        merge([one, known])
    assert merge([known, known]).scores.patients == ("a", "a", "b", "c")
    with pytest.raises(ValueError, match="at least one result to merge, got none"):
        merge([])


def test_one_name_for_two_methods_is_refused():
    one = made_result()
    aucs = {name: np.full(4, 3.0) for name in one.scores.curves}
    other = replace(one, scores=made_scores(aucs, DEFAULT, controls=()))
    with pytest.raises(ValueError, match="give methods with different settings different names"):
        merge([one, other])

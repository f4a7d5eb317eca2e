"""Findings of several jobs brought together: their methods, and their networks."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import DEFAULT, Finding, each_network, finding_of, grouped, joined, merge, rank

from ..networks import made_curves
from ..test_finding_files import made_finding, of_maps


def changed(finding: Finding, about=None, **curves) -> Finding:
    """The finding with other facts and other fields of its curves."""
    made = tuple(replace(each, **curves) for each in finding.curves)
    return finding_of(made, replace(finding.about, **(about or {})))


def split(whole: Finding, *names: str) -> Finding:
    """The part of a finding that a job with these methods alone would have made."""
    (curves,) = whole.curves
    keep = {*names, *curves.controls}
    part = {name: curve for name, curve in curves.predictions.items() if name in keep}
    heatmaps = {name: curves.gallery.heatmaps[name] for name in part}
    return changed(whole, predictions=part, gallery=replace(curves.gallery, heatmaps=heatmaps))


def test_methods_of_two_jobs_are_ranked_as_if_they_had_been_one():
    whole = made_finding(ecgs=12, methods=("saliency", "smoothgrad"))
    merged = merge([split(whole, "saliency"), split(whole, "smoothgrad")])
    (curves,), (expected,) = merged.curves, whole.curves
    assert set(curves.methods) == {"saliency", "smoothgrad"}
    assert curves.gallery.heatmaps.keys() == expected.gallery.heatmaps.keys()
    one, other = rank(merged).table, rank(whole).table
    assert one["method"].tolist() == other["method"].tolist()
    assert np.allclose(one["p"], other["p"], equal_nan=True)
    assert merged.table.equals(one)


def test_what_was_left_out_and_the_facts_of_all_are_kept():
    one = made_finding()
    facts = {"fits": ({"fit": {"mae": 6.0}, "sweep": 1},)}
    other = changed(one, facts, left_out={"deeplift": "functional ReLU"})
    merged = merge([one, other])
    assert merged.curves[0].left_out == {"deeplift": "functional ReLU"}
    assert merged.facts == {**one.facts, "sweep": 1}


def second_test(finding: Finding, settings: dict | None, mae: float) -> Finding:
    """The finding on a network that was tested on a second data set as well."""
    fit = {"settings": {"data": {"external": settings}}, "external": {"fit": {"mae": mae}}}
    return changed(finding, {"fits": (fit,)})


def test_a_network_that_was_tested_on_two_second_data_sets_keeps_both():
    one = made_finding()
    ludb, ward, again = (
        second_test(one, {"name": "csv", "path": path}, mae)
        for path, mae in (("ludb", 6.0), ("ward", 9.0), ("ludb", 6.0 + 1e-9))
    )
    with pytest.raises(ValueError, match="expected one second data set"):
        merge([ludb, ward])
    kept = grouped([ludb, ward, one])
    assert [each.facts["external"]["fit"]["mae"] for each in kept] == [6.0, 9.0]
    # The same errors of another machine, or no second data set, part nothing.
    assert len(grouped([ludb, again, second_test(one, None, 0.0)])) == 1


def test_a_merged_finding_is_trusted_and_own_where_each_is():
    one = made_finding()
    other = replace(changed(one, {}), trusted=False, own=False)
    for pair in ((one, other), (other, one), (other, other)):
        merged = merge(pair)
        assert (merged.trusted, merged.own) == (False, False)
    assert merge([one, one]).trusted


def test_notes_of_all_jobs_are_kept():
    whole = made_finding(methods=("saliency", "smoothgrad"))
    one, other = split(whole, "saliency"), split(whole, "smoothgrad")
    other = changed(other, notes=("smoothgrad: few draws",))
    assert merge([one, other]).notes == merge([other, one]).notes == ("smoothgrad: few draws",)


def of_another_network(finding: Finding, **facts) -> Finding:
    return changed(finding, {"networks": ("other",), "data": {"settings": facts}}, seed=1)


def test_a_method_that_another_network_was_not_given_is_left_out_in_words():
    whole = changed(made_finding(methods=("saliency", "smoothgrad")), {"data": {"settings": {}}})
    one = split(whole, "saliency")
    for each in ([whole, of_another_network(one)], [of_another_network(one), whole]):
        (found,) = grouped(each)
        assert {*found.table["method"]} == {"saliency", *one.curves[0].controls}
        of_one = found.curves[[len(curves.methods) for curves in found.curves].index(1)]
        assert "networks alone" in of_one.left_out["smoothgrad"]
        assert not of_one.wrong


def test_networks_with_other_labels_of_the_same_ecgs_are_not_joined():
    whole = changed(made_finding(), {"data": {"settings": {}}})
    other = of_another_network(whole)
    assert len(grouped([whole, other])) == 1
    (curves,) = other.curves
    assert len(grouped([whole, changed(other, y=curves.y + 0.5)])) == 2


def test_only_findings_of_one_experiment_are_merged():
    one = made_finding()
    wrong = {
        "different networks": changed(one, {"networks": ("other",)}),
        "different inputs": changed(one, {"input": "rhythm"}),
        "different seeds": changed(one, {"seed": 1}, seed=1),
        "different protocols": changed(one, protocol=replace(DEFAULT, noise=0.1)),
        "different targets and records": changed(
            one,
            {"target": replace(one.about.target, name="qt"), "records": ("7", "8", "9", "10")},
            records=("7", "8", "9", "10"),
        ),
    }
    for words, other in wrong.items():
        with pytest.raises(ValueError, match=f"one experiment, got {words}$"):
            merge([one, other])
    patients = ("a", "a", "b", "c")
    known = changed(one, {"patients": patients}, patients=patients)
    with pytest.raises(ValueError, match=r"one experiment, got different patients$"):
        merge([one, known])
    assert merge([known, known]).curves[0].patients == patients
    with pytest.raises(ValueError, match="at least one finding to merge, got none"):
        merge([])


def test_one_name_for_two_methods_is_refused():
    one = made_finding()
    aucs = {name: np.full(4, 3.0) for name in one.curves[0].predictions}
    other = finding_of((made_curves(aucs, DEFAULT),), one.about)
    with pytest.raises(ValueError, match="give methods with different settings different names"):
        merge([one, other])


def test_networks_of_several_jobs_are_ranked_together_and_taken_apart_again():
    one = made_finding(ecgs=12)
    other = changed(one, {"networks": ("other",), "fits": ({"fit": {"mae": 7.0}},)}, seed=1)
    both = joined([one, other])
    assert both.about.networks == (*one.about.networks, "other")
    assert both.about.facts(1)["fit"] == {"mae": 7.0}
    assert both.table.equals(rank([*one.curves, *other.curves]).table)
    first, again = each_network(both)
    assert (first.about.networks, first.about.fits) == (one.about.networks, one.about.fits)
    assert (again.about.networks, again.about.fits) == (("other",), other.about.fits)
    assert again.curves == other.curves
    assert np.array_equal(again.scores["auc"]["saliency"], other.scores["auc"]["saliency"])
    assert again.table.equals(both.table)
    assert joined([one]) is one
    with pytest.raises(ValueError, match="different networks, got one of them twice"):
        joined([one, one])
    with pytest.raises(ValueError, match="at least one finding to join, got none"):
        joined([])


def test_a_number_of_all_networks_together_stays_with_each():
    together = {name: values[:1] for name, values in of_maps().scores["mass"].items()}
    for finding in each_network(of_maps(scores={"mass": together})):
        assert finding.scores["mass"]["random"].shape == (1, 1, 2)

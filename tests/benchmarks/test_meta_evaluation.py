"""Results of the meta-evaluation that are written are read back."""

from dataclasses import replace

from ecglens.eval import Validation, steps_of, validations
from ecglens.eval.meta_evaluation import OWN
from ecglens_metrics import Axioms

from benchmarks.meta_evaluation import keep, keep_raised


def test_results_that_are_kept_are_read_back_and_join_those_of_the_same_versions(tmp_path):
    path = tmp_path / "results.json"
    keep("aup", {"edge": True, "signed": False}, "2026-01-01", path)
    keep("aup", {"window": True}, "2026-01-02", path)
    keep("aur", {"edge": False}, "2026-01-02", path)
    steps = {OWN.name: OWN.version}
    both = Validation(("window", "edge"), ("signed",), "2026-01-02", steps)
    assert validations(path) == {"aup": both, "aur": Validation((), ("edge",), "2026-01-02", steps)}


def test_results_of_other_versions_are_replaced(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    keep("axioms, infidelity", {"edge": True}, "2026-01-01", path)
    (removed,) = Axioms.store_steps
    monkeypatch.setattr(Axioms, "store_steps", (replace(removed, version=99),))
    keep("axioms, infidelity", {"window": True}, "2026-01-02", path)
    found = validations(path)["axioms, infidelity"]
    assert found.fit == ("window",)
    assert found.steps == steps_of("axioms, infidelity")


def test_attacks_that_raise_a_metric_stay_when_it_is_tried_on_another_network(tmp_path):
    path = tmp_path / "results.json"
    keep("aup", {"edge": True}, "2026-01-01", path)
    keep("aur", {"edge": True}, "2026-01-01", path)
    keep_raised({"aup": ["blur"]}, path)
    keep("aup", {"window": True}, "2026-01-02", path)
    found = validations(path)
    assert found["aup"].raised == ("blur",)
    assert found["aur"].raised == ()

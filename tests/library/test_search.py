"""The search for settings of docs/cluster.md: a trial without prospect ends early."""

from pathlib import Path
from typing import Any

import pytest

from ..test_docs import blocks

pytestmark = pytest.mark.heavy

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"


def test_a_trial_without_prospect_ends_before_its_last_epoch(tmp_path, monkeypatch):
    optuna = pytest.importorskip("optuna")
    monkeypatch.chdir(tmp_path)
    ((_, code),) = blocks(PAGE, "python")
    names: dict[str, Any] = {}
    exec(code, names)
    study = names["study"]
    study.enqueue_trial({"lr": 1e-6})
    study.optimize(names["validation_error"], n_trials=1)
    first, *_, last = study.trials
    assert first.state == optuna.trial.TrialState.COMPLETE
    assert len(first.intermediate_values) == 3
    assert last.state == optuna.trial.TrialState.PRUNED
    assert len(last.intermediate_values) < 3

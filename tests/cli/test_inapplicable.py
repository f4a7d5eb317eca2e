"""An evaluation that does not apply leaves the same finding, alone or with others."""

from pathlib import Path

import pytest
from ecglens.eval import Evaluation, load_finding
from ecglens_metrics import Counterfactuals, Effects, Localisation

from .conftest import SMALL

# A column has no places where it is decided.
NOWHERE = ("target=column", "target.column=rate", "target.unit=1/min")
FEW = (*(word for word in SMALL if not word.startswith("evaluation")), *NOWHERE)


def reasons_in(folder: Path) -> dict[str, str]:
    """The reasons by evaluation."""
    found = {each.name: load_finding(each) for each in (folder / "findings").iterdir()}
    return {name: each.sentence for name, each in found.items() if each.reason}


@pytest.mark.heavy
def test_alone_it_costs_nothing_and_ends_with_its_reason_and_with_others_it_is_told(door, tmp_path):
    """Status 2 tells a script that nothing applies."""
    places = "evaluation=localisation", f"hydra.run.dir={tmp_path}/alone"
    alone = door("train.py", *FEW, *places, ECGLENS_STORE=f"{tmp_path}/store")
    assert alone.returncode == 2
    told = alone.stderr.strip().splitlines()[-1]
    assert "nothing was answered by localisation_edge and localisation_wave. Not applicable" in told
    assert "name them as target.waves=[P,PQ]" in told
    reasons = reasons_in(tmp_path / "alone")
    assert {*reasons} == {"localisation_edge", "localisation_wave"}
    page = Path(alone.stdout.strip().splitlines()[-1])
    assert reasons["localisation_edge"].split(",")[0] in page.read_text("utf-8")
    # Neither ECGs nor a network were made for it.
    assert not [*(tmp_path / "store").glob("networks/*")]
    assert not [*(tmp_path / "store").glob("beats/*")]
    both = ("evaluation=[perturbation,localisation]", "evaluation.default.draws=2")
    run = door("train.py", *FEW, *both, f"hydra.run.dir={tmp_path}/both")
    assert run.returncode == 0, run.stderr
    assert reasons_in(tmp_path / "both") == reasons


@pytest.mark.parametrize("kind", [Effects, Counterfactuals, Localisation])
def test_what_knows_it_without_a_network_says_so(kind: type) -> None:
    assert kind.check is not Evaluation.check

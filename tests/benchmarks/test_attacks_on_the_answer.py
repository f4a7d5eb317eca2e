"""Maps that never look at the network get no *use*; without training nothing does."""

import pytest
import torch
from ecglens.models import InUnits, SmallResNet

from benchmarks.answer_power import ACCESS, Access, attacks, rows

pytestmark = pytest.mark.long  # four small networks are trained


def test_no_attack_gets_use_and_saliency_does() -> None:
    found = rows(attacks("limb", 0), "limb", 0).set_index("map")
    assert {*found["reads"]} == {"reads"}
    assert found.loc["saliency", "use"] == "use"
    assert "use" not in {*found.drop(index="saliency")["use"]}


def test_no_map_of_an_untrained_network_gets_use() -> None:
    torch.manual_seed(0)
    net = InUnits(Access(SmallResNet(), ACCESS["limb"]), 160.0, 30.0).eval()
    # The network is what is refused; every attack on 20 such networks is in results/about_network.
    few = {name: attacks("limb", 0)[name] for name in ("unusual P", "prior, by points", "saliency")}
    found = rows(few, "limb", 0, net, chance=None)
    assert {*found["reads"]} == {"does not read"}
    assert "use" not in {*found["use"]}

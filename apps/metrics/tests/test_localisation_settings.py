"""configs/evaluation takes the places and the kind from whichever target there is."""

import hydra
import pytest
from ecglens.cli.own_configs import search_installed
from ecglens.eval import NotApplicable, TargetRegion
from ecglens.registry import config_folder
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf


@pytest.fixture
def evaluations():
    GlobalHydra.instance().clear()
    search_installed()

    def composed(*words):
        with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
            config = hydra.compose("train", ["evaluation=[localisation,degradation]", *words])
        settings = OmegaConf.to_container(config.evaluation, resolve=True)
        assert isinstance(settings, dict)
        return {str(name): hydra.utils.instantiate(one) for name, one in settings.items()}

    yield composed
    GlobalHydra.instance().clear()


def region(asked):
    return TargetRegion(asked.mask, asked.edges, asked.waves, asked.lead)


def test_the_places_are_those_of_the_target(evaluations):
    found = evaluations("target=t")
    assert [each.name for each in found.values()] == [*found]
    assert region(found["localisation_edge"]).words == "20 ms around QRS onset, lead V5"
    assert region(found["localisation_wave"]).words == "within T, lead V5"
    assert found["degradation"].kind == "regression"


def test_a_diagnosis_has_no_places_until_they_are_named(evaluations):
    found = evaluations("target=diagnosis")
    assert found["degradation"].kind == "binary"
    with pytest.raises(NotApplicable, match="got none"):
        region(found["localisation_edge"])
    named = evaluations("target=diagnosis", "target.waves=[P,PQ]")["localisation_edge"]
    assert region(named).words == "20 ms around P onset, P end, QRS onset, all leads"

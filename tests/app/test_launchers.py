"""Sweeps by a launcher: jobs side by side, here and as a cluster would run them."""

import hydra
import pytest
from ecglens.app.wrong_settings import spoken
from ecglens.config_folder import config_folder
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import MissingConfigException

pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")


def test_a_launcher_without_its_package_names_the_extra(monkeypatch):
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        launchers = ConfigStore.instance().repo["hydra"]["launcher"]
        monkeypatch.delitem(launchers, "submitit_slurm.yaml", raising=False)
        with pytest.raises(MissingConfigException) as problem:
            hydra.compose("train", ["hydra/launcher=slurm"], return_hydra_config=True)
    assert spoken(problem.value).endswith("pip install 'ecglens[cluster]'")

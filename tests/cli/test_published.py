"""The published settings fit any source of ECGs."""

from typing import Any

import pytest
from ecglens.cli.own_configs import search_installed
from ecglens.datamodules import data_sets
from ecglens.datamodules.records import NOT_READ, reader_class
from ecglens.registry import config_folder
from ecglens.store import check_types
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

pytestmark = pytest.mark.heavy

NEEDED = ("data.path=files", "data.fs_hz=500", "data.unit=mV")
# Sources that need more than a folder.
MORE = {"columns": NEEDED, "exact": (), "deepfake": (), "mixed": ("data.parts={exact:{n:9}}",)}


def data(*words: str) -> dict[str, Any]:
    search_installed()
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("train", ["experiment=storas2025", *words])
    plain = OmegaConf.to_container(config.data)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


@pytest.mark.parametrize("source", data_sets())
def test_the_published_experiment_takes_any_source_with_settings_that_it_has(source: str) -> None:
    found = data(f"data={source}", *MORE.get(source, NEEDED[:1]))
    given = {key: value for key, value in found.items() if key not in (*NOT_READ, "name")}
    check_types(reader_class(source, given.pop("_target_")), given, "data")
    assert found["name"] == source


def test_without_a_source_it_has_as_many_ecgs_as_the_study() -> None:
    found = data()
    assert (found["name"], found["n"]) == ("deepfake", 150_000)
    assert data("data.n=4000")["n"] == 4000

"""The sweeps of the studies: their words fit the configuration, and data sets need a folder."""

from pathlib import Path

import pytest
from ecglens.cli.own_configs import search_installed
from ecglens.ecg import KINDS
from ecglens.registry import config_folder
from ecglens_reproductions.sweeps import STUDIES, suites, with_folders
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

FOLDERS: dict[str, Path | None] = {
    "ptbxl": Path("ptb xl"),
    "ludb": Path("ludb"),
    "cpsc2018": Path("cpsc"),
}
EVERY = [
    pytest.param(words, id=f"{suite} {scale} {name}")
    for suite, scales in suites().items()
    for scale, sweeps in scales.items()
    for name, words in with_folders(sweeps, FOLDERS)[0].items()
]


@pytest.fixture(scope="module")
def configuration():
    search_installed()
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        yield compose


@pytest.mark.heavy
@pytest.mark.parametrize("words", EVERY)
def test_the_words_of_every_sweep_fit_the_configuration(words, configuration):
    parsed = OverridesParser.create().parse_overrides(words)
    first = [
        f"{each.get_key_element()}={next(each.sweep_string_iterator())}"
        if each.is_sweep_override()
        else each.input_line
        for each in parsed
        if not str(each.key_or_group).startswith("hydra/")
    ]
    assert configuration("train", first).evaluation


def test_every_study_has_every_scale():
    assert {*STUDIES} < {*suites()}
    assert all({"smoke", "laptop", "full"} <= {*scales} for scales in suites().values())


@pytest.mark.parametrize("scale", ["laptop", "full"])
def test_arends_explains_every_class_that_its_exact_ecgs_have(scale, configuration):
    words = suites()["arends"][scale]["exact"]
    (explained,) = (word for word in words if word.startswith("target.explain="))
    kinds = configuration("train", [word for word in words if word != explained]).data.kinds
    have = {KINDS[kind].diagnosis for kind, share in kinds.items() if share > 0}
    assert {*explained.partition("=")[2].split(",")} == have


def test_a_data_set_without_its_folder_is_left_out_with_a_line():
    sweeps = {"exact": ["ecgs=4"], "ptbxl": ["data.path={ptbxl}"]}
    kept, lines = with_folders(sweeps, dict.fromkeys(FOLDERS))
    assert [*kept] == ["exact"]
    assert lines == ["ptbxl: left out, because it reads a data set; give --ptbxl FOLDER"]
    kept, lines = with_folders(sweeps, FOLDERS)
    assert kept["ptbxl"] == [f"data.path='{Path('ptb xl').resolve()}'"]
    assert lines == []

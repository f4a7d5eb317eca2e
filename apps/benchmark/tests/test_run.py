"""The suite in its smallest size: two runs give the same numbers, and code decides what is kept."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import ecglens
import pytest
from ecglens.explain import Facts, Method, Saliency, SmoothGrad, find, input_gradient
from ecglens.store import Store
from ecglens_benchmark import PARTS, Recorded, Tier, order, reference, write_card
from ecglens_benchmark.run import code_of, versioned
from ecglens_benchmark.special_networks import real_networks, sources

from tests.front_doors import ROOT

from .methods import Copied, DataOnly, FromMemory

DATA = ROOT / "tests" / "data"

SMALLEST = Tier("quick", ("pr",), 80, 1, 6, 4, 1, 8, 2, 1, 2, workers=1)


@dataclass(frozen=True)
class Mine(Method):
    """Gradient × ECG of somebody's own."""

    @property
    def facts(self) -> Facts:
        return Facts(any_network=True, gradients=1)

    def heatmap(self, net, x, target, context):
        return input_gradient(net, x, target) * x


@dataclass(frozen=True)
class Stored(Mine):
    """With a setting that is no number or text."""

    place: Path = DATA


class Plain(Method):
    """A method that is no dataclass."""

    def heatmap(self, net, x, target, context):
        return x


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A store whose networks are fitted once."""
    return tmp_path_factory.mktemp("store")


@pytest.mark.long
def test_two_runs_from_nothing_give_the_same_numbers_and_a_third_reads_them(fitted, tmp_path):
    told = []
    first, second, third = (
        ecglens.benchmark(Mine(), SMALLEST, store=store, say=told.append)
        for store in (fitted, tmp_path, fitted)
    )
    for name in ("numbers", "networks", "scores", "outcomes", "checks"):
        assert first[name] == second[name] == third[name]
    made = [each["part"] for each in first["outcomes"]]
    assert {*made} == {part.name for part in PARTS} - {"real"}
    assert json.loads(json.dumps(first)) == first
    copies = {each["name"]: each["said"] for each in first["checks"]}["copies"]
    assert "those of input_x_gradient but for a factor" in copies
    assert first["cost"]["passes"] == 2
    assert "null ladder" in told


CHEATERS = [
    (DataOnly(), "the method looks at the ECG and not at the network", False),
    (FromMemory(), "the method looks at the label", False),
    (Copied(), "The maps are those of saliency but for a factor", True),
]


@pytest.mark.long
@pytest.mark.parametrize(("method", "said", "ranked"), CHEATERS, ids=["data", "label", "copy"])
def test_the_card_of_a_method_that_cheats_says_so(method, said, ranked, fitted, tmp_path):
    found = ecglens.benchmark(method, SMALLEST, store=fitted, say=lambda _: None)
    page = write_card(found, reference("quick"), tmp_path).read_text(encoding="utf-8")
    assert said in page.partition("<h2>Limits</h2>")[0]
    words = {each.method: each.words for each in order([found, *reference("quick")])}
    assert (words[type(method).__name__] != "not ranked") == ranked


def test_a_method_of_ones_own_is_kept_under_its_code():
    method = Mine()
    assert code_of(method) == code_of(Mine()) != ""
    own = versioned(method, "abc")
    assert own.version != method.version
    assert own == method
    assert Mine.version == 1
    assert versioned(Saliency(), "abc").version == Saliency.version


@pytest.mark.parametrize("name", ["random", "abs_x"])
def test_a_control_has_no_card(name, tmp_path):
    with pytest.raises(ValueError, match=f"expected a method, got {name}, a control"):
        ecglens.benchmark(name, store=tmp_path)


def test_an_unknown_tier_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ValueError, match="expected a tier of quick, full, got 'middle'"):
        ecglens.benchmark("saliency", "middle", store=tmp_path)
    with pytest.raises(ValueError, match="expected a tier of quick, full, got 'middle'"):
        ecglens.benchmark(find("saliency"), "middle", store=tmp_path)  # under its own name


def test_published_networks_are_of_the_full_tier(tmp_path):
    recorded = Recorded(tmp_path, tmp_path)
    with pytest.raises(ValueError, match="got them in the quick tier; add --tier full"):
        ecglens.benchmark("saliency", store=tmp_path, recorded=recorded)


def test_wrong_folders_of_published_networks_are_found_before_anything_is_computed(tmp_path):
    recorded = Recorded(tmp_path, tmp_path)
    told = []
    with pytest.raises(ValueError, match="expected weights and ECGs in"):
        ecglens.benchmark("saliency", "full", "", tmp_path / "store", recorded, told.append)
    assert told == []


@pytest.mark.parametrize("method", [Mine(), SmoothGrad(copies=3)], ids=str)
@pytest.mark.parametrize("name", ["smoothgrad", "SmoothGrad", "smooth-grad"])
def test_the_name_of_a_built_in_method_is_kept_for_it(method, name, tmp_path):
    with pytest.raises(ValueError, match=f"got {name}, which reads as the built-in smoothgrad"):
        ecglens.benchmark(method, SMALLEST, name, tmp_path)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Integrated Gradients", "integrated_gradients"),
        ("LRP-ε", "lrp_epsilon"),
        ("RANDOM", "random"),
    ],
)
def test_a_printed_name_is_kept_too(name, known, tmp_path):
    with pytest.raises(ValueError, match=f"reads as the built-in {known} with its own settings"):
        ecglens.benchmark(Mine(), SMALLEST, name, tmp_path)


@pytest.mark.parametrize("method", [Plain(), Mine, object()], ids=["instance", "class", "object"])
def test_a_method_that_is_no_dataclass_is_refused_at_the_door(method, tmp_path):
    with pytest.raises(ValueError, match="expected a method of a dataclass"):
        ecglens.benchmark(method, SMALLEST, store=tmp_path)


def test_settings_that_json_does_not_have_are_refused_before_anything_is_computed(tmp_path):
    told = []
    with pytest.raises(ValueError, match=r"expected settings of Stored that JSON has .* got place"):
        ecglens.benchmark(Stored(), SMALLEST, store=tmp_path, say=told.append)
    assert told == []


def test_folders_without_weights_and_ecgs_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"heart_failure/.*pt with .*ludb or .*chagas"):
        real_networks({"mine": Mine()}, tmp_path, tmp_path, Store(tmp_path))


def test_each_network_that_is_there_is_cited_with_its_licences(tmp_path):
    shutil.copytree(DATA / "networks" / "code15", tmp_path / "code15")
    (of_chagas,) = sources(DATA / "networks", tmp_path)
    assert of_chagas.startswith("chagas: weights of team Ahus AIM")
    assert "(MIT); ECGs of A. H. Ribeiro" in of_chagas
    assert of_chagas.endswith("(CC BY 4.0)")
    (tmp_path / "ludb").symlink_to(DATA / "ludb")
    of_heart_failure, _ = sources(DATA / "networks", tmp_path)
    assert "Apache-2.0" in of_heart_failure


@pytest.mark.heavy
def test_a_published_network_is_explained_on_recorded_ecgs(tmp_path):
    shutil.copytree(DATA / "networks" / "code15", tmp_path / "code15")
    networks = DATA / "networks"
    found = real_networks({"mine": Mine()}, networks, tmp_path, Store(tmp_path / "store"))
    assert found.verdict == "described"
    assert found.said.startswith("level (of 3): chagas")
    assert {each.part for each in found.scores} == {"real"}

"""A method in a process of its own gets tensors and an anonymous network, and reaches no more."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ecglens.explain import Inputs, attribute, find
from ecglens_benchmark.apart import (
    MethodFailed,
    MethodProcess,
    Request,
    Source,
    Steps,
    disguised,
    has_namespaces,
    in_units,
    method_process,
    program_of,
)
from ecglens_benchmark.apart.process import _copied
from ecglens_benchmark.meta_evaluation.maps import exact_ecgs
from ecglens_benchmark.planted import fresh

pytestmark = pytest.mark.heavy

CURIOUS = Path(__file__).parent / "curious.py"
X = exact_ecgs(3)
MARKS = np.ones((3, 600), np.int8)
REQUEST = Request(X.numpy(), ["a", "b", "c"], 4, MARKS, 1e3 * np.ones((2, 12, 600), np.float32))
apart = pytest.mark.skipif(not has_namespaces(), reason="this machine gives no namespaces")


@pytest.fixture(scope="module")
def program():
    torch.manual_seed(0)
    return disguised(in_units(program_of(fresh().body.eval(), X), 1e-3, 0.0, 1.0), 1)


def curious(name: str) -> Source:
    return Source(f"{CURIOUS}:{name}")


def said(name: str, program) -> str:
    """What a method raised in its process."""
    with method_process(curious(name)) as own:
        own.show(program)
        with pytest.raises(MethodFailed) as told:
            own.maps(REQUEST)
    return str(told.value)


@apart
@pytest.mark.parametrize("name", ["saliency", "expected_gradients", "shapley_sampling"])
def test_maps_are_those_of_this_process_to_the_bit(name, program):
    with method_process(Source(name)) as own:
        own.show(program)
        maps = own.maps(REQUEST)
        assert all(own.apart.values())
        assert own.about["name"] == name
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        given = Inputs(
            REQUEST.records, torch.from_numpy(MARKS), torch.from_numpy(REQUEST.background)
        )
        here = attribute(find(name), Steps(program), X, 0, REQUEST.seed, given)
    finally:
        torch.set_num_threads(threads)
    assert np.array_equal(maps, here.numpy())


@pytest.fixture(scope="module")
def looks(program):
    """What the curious method finds, by question."""
    with method_process(curious("Curious")) as own:
        own.show(program)

        def found(question: int) -> str:
            with pytest.raises(MethodFailed) as told:
                own.maps(replace(REQUEST, x=np.full_like(REQUEST.x, question)))
            return str(told.value).removeprefix("ValueError: found: ")

        yield found


@apart
def test_a_method_sees_no_file_of_others(looks):
    assert looks(0) == "[]"


@apart
def test_a_method_writes_nowhere_but_in_its_own_empty_folder(looks, program):
    assert looks(1) == "[[], []]"
    with method_process(curious("Curious")) as another:
        another.show(program)
        with pytest.raises(MethodFailed, match=r"found: \[\[\], \[\]\]"):  # nothing is left
            another.maps(replace(REQUEST, x=np.ones_like(REQUEST.x)))


@apart
def test_a_method_reaches_neither_network_nor_other_processes(looks):
    assert looks(2) == "[]"


@apart
def test_a_method_gets_no_right_back(looks):
    assert looks(3) == "[False, False, False]"


def test_a_method_finds_no_truth_on_the_stack_or_among_the_objects(looks):
    assert looks(4) == "[[], [], 'ecglens_benchmark.apart.anonymous']"


def test_what_a_method_prints_is_no_part_of_its_answer(program):
    found = []
    for name in ("Prints", "Honest"):
        with method_process(curious(name)) as own:
            own.show(program)
            found.append(own.maps(REQUEST))
    assert np.array_equal(*found)


def test_a_process_that_dies_is_told_with_its_last_words(program):
    assert said("Dies", program) == "its process ended and printed: last words"


def test_a_map_of_another_shape_is_refused_in_one_line(program):
    assert "expected a map of shape" in said("Wrong", program)


def test_marks_and_ecgs_of_others_are_given_to_those_that_declare_them(program):
    for name, value in (("Reads", 0.0), ("ReadsMarks", 1.0)):
        with method_process(curious(name)) as own:
            own.show(program)
            assert np.unique(own.maps(REQUEST)) == value


@pytest.mark.parametrize("words", ["nothing", "missing.py:Mine"])
def test_words_that_name_no_method_are_told_in_one_line(words):
    with pytest.raises(MethodFailed, match="expected") as told, method_process(Source(words)):
        pass
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("words", ["./mine.py:Mine", "sub//mine.py:Mine", "./m.yaml", "m.yaml"])
def test_a_file_is_copied_however_its_path_is_written(words, tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    for file in ("mine.py", "sub/mine.py", "m.yaml"):
        (tmp_path / file).touch()
    monkeypatch.chdir(tmp_path)
    copy = _copied(Source(words), tmp_path / "to")
    assert Path(copy.partition(":")[0]).parent == tmp_path / "to"
    assert Path(copy.partition(":")[0]).is_file()
    assert copy.partition(":")[2] == words.partition(":")[2]


def test_a_class_that_is_no_method_is_told(tmp_path):
    (tmp_path / "mine.py").write_text("class Mine:\n    pass\n")
    with (
        pytest.raises(MethodFailed, match=r"expected a subclass of ecglens\.explain\.Method"),
        method_process(Source(f"{tmp_path / 'mine.py'}:Mine")),
    ):
        pass


def test_without_namespaces_maps_are_made_and_not_called_isolated(program, monkeypatch):
    monkeypatch.setattr("ecglens_benchmark.apart.process.has_namespaces", lambda: False)
    with method_process(Source("saliency")) as own:
        own.show(program)
        assert own.maps(REQUEST).shape == X.shape
        assert isinstance(own, MethodProcess)
        assert not all(own.apart.values())

"""A sitting asks in batches that tell nothing, and puts every map in its place."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from ecglens.store import Store
from ecglens_benchmark.apart import MethodFailed, Source, in_units, program_of
from ecglens_benchmark.planted import fresh
from ecglens_benchmark.season import run
from ecglens_benchmark.season.hearts import Hearts
from ecglens_benchmark.season.seasons import Season
from ecglens_benchmark.season.sittings import BATCH, Asked, _batches, control_maps, sit

SEASON = Season("test", 1, "4" * 64, False)
ECGS, OTHER = Hearts(SEASON, "one").beats(20), Hearts(SEASON, "other").beats(6)

METHODS = """
from dataclasses import dataclass
from ecglens.explain import Facts, Method

@dataclass(frozen=True)
class Ecg(Method):
    @property
    def facts(self):
        return Facts(any_network=True)

    def heatmap(self, net, x, target, context):
        return 2 * x

class Refuses(Ecg):
    def heatmap(self, net, x, target, context):
        if any(layer.__class__.__name__ == "MaxPool1d" for layer in net.modules()):
            raise ValueError("no maxima")
        return x
"""


@pytest.fixture(scope="module")
def asked():
    torch.manual_seed(0)
    plain = program_of(fresh().body.eval(), ECGS.x)
    pooled = torch.nn.Sequential(
        torch.nn.MaxPool1d(600), torch.nn.Flatten(), torch.nn.Linear(12, 1)
    )
    return {
        "one": Asked(in_units(plain, 1e-3, 0.0, 1.0), ECGS),
        "two": Asked(program_of(pooled.eval(), OTHER.x), OTHER),
    }


@pytest.fixture
def source(tmp_path):
    (tmp_path / "mine.py").write_text(METHODS)
    return lambda name: Source(f"{tmp_path / 'mine.py'}:{name}")


def test_every_batch_has_the_same_number_of_different_ecgs_in_a_drawn_order(asked):
    batches = [*_batches(SEASON, "part", asked["one"], SEASON.numbers("a"))]
    again = [*_batches(SEASON, "another part", asked["one"], SEASON.numbers("b"))]
    assert [len(ecgs) for ecgs, _ in batches] == [BATCH, BATCH]
    for _, request in (*batches, *again):
        assert len({*request.records}) == BATCH
        assert len({one.tobytes() for one in request.x}) == BATCH
    places = [place for ecgs, _ in batches for place in ecgs]
    assert {*range(20)} < {*places}
    assert places != [place for ecgs, _ in again for place in ecgs]


def test_an_ecg_has_one_name_whatever_the_part(asked):
    def named(part: str) -> dict[bytes, str]:
        return {
            x.tobytes(): record
            for _, request in _batches(SEASON, part, asked["two"], SEASON.numbers(part))
            for x, record in zip(request.x, request.records, strict=True)
        }

    own = {x.numpy().tobytes() for x in OTHER.x}
    one, other = named("a"), named("b")
    assert all(one[x] == other[x] for x in own)


def test_ecgs_of_another_part_fill_up_a_batch(asked):
    filled = Asked(asked["two"].network, OTHER, fill=ECGS)
    ((_, request),) = _batches(SEASON, "again", filled, SEASON.numbers("c"))
    strange = {x.numpy().tobytes() for x in ECGS.x}
    assert sum(x.tobytes() in strange for x in request.x) == BATCH - 6
    assert np.array_equal(request.background, OTHER.others.numpy())


@pytest.mark.heavy
def test_every_map_lies_where_its_ecg_is(asked, source, tmp_path):
    found = sit(source("Ecg"), SEASON, "part", asked, Store(tmp_path / "store"), "key")
    for name, each in asked.items():
        assert np.array_equal(found.maps[name], 2 * each.ecgs.x.numpy())
    kept = sit(source("Ecg"), SEASON, "part", asked, Store(tmp_path / "store"), "key")
    assert np.array_equal(kept.maps["one"], found.maps["one"])
    assert kept.apart == found.apart
    assert kept.about["class"] == "_file_mine.Ecg"
    # Other ECGs, and another network, under the same names.
    larger = replace(ECGS, batch=ECGS.batch._replace(x=3 * ECGS.batch.x))
    for other in ({**asked, "one": replace(asked["one"], ecgs=larger)}, {"one": asked["two"]}):
        again = sit(source("Ecg"), SEASON, "part", other, Store(tmp_path / "store"), "key")
        assert np.array_equal(again.maps["one"], 2 * other["one"].ecgs.x.numpy())


@pytest.mark.heavy
def test_a_network_that_a_method_refuses_is_told_and_the_others_are_not_lost(
    asked, source, tmp_path
):
    found = sit(source("Refuses"), SEASON, "part", asked, Store(tmp_path / "store"), "")
    assert [*found.maps] == ["one"]
    assert found.refused == {"two": "ValueError: no maxima"}


def test_maps_are_kept_under_all_that_they_come_from(source, tmp_path, monkeypatch):
    def yaml(kind: str) -> Source:
        (tmp_path / "mine.yaml").write_text(f"mine:\n  _target_: {kind}\n")
        return Source(f"{tmp_path / 'mine.yaml'}")

    assert run.key_of(yaml("mine.Ecg")) == run.key_of(yaml("")) == ""
    makers = {
        "yaml": lambda: run.key_of(yaml("ecglens.explain.Saliency")),
        "file": lambda: run.key_of(source("Ecg")),
        "name": lambda: run.key_of(Source("saliency")),
    }
    before = {name: key() for name, key in makers.items()}
    assert all(before.values())
    with monkeypatch.context() as changed:
        changed.setattr("ecglens.explain.Saliency.version", 99)
        assert makers["yaml"]() != before["yaml"]
        assert makers["name"]() != before["name"]
    with monkeypatch.context() as changed:  # of an installed plug-in
        changed.setattr(run, "own_source", lambda kind: {"source": "99"})
        assert makers["name"]() != before["name"]
    for name in ("installed_versions", "has_namespaces"):
        with monkeypatch.context() as changed:
            changed.setattr(run, name, lambda: {"ecglens": "99"})
            changed_keys = {each for each, key in makers.items() if key() != before[each]}
            assert changed_keys >= ({"yaml", "file"} if name == "installed_versions" else {*makers})


def test_no_method_is_told(asked, tmp_path):
    with pytest.raises(MethodFailed, match="expected a file with a method"):
        sit(Source("none.py:Mine"), SEASON, "part", asked, Store(tmp_path / "store"), "")


def test_maps_of_controls_are_those_of_the_ecgs(asked):
    found = control_maps(SEASON, asked)
    assert np.allclose(found["abs_x"]["one"], ECGS.x.abs().numpy())
    assert {*found} == {"random", "abs_x", "abs_dx"}

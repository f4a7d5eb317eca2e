"""Labels that a class of the user's own computes from the prepared ECGs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from ecglens.datamodules import EcgData, Prepared, Target
from ecglens.store import Store, own_source

HERE = __name__
SOURCE = {"name": "exact", "n": 24}


@dataclass(frozen=True)
class Corrected:
    """QT over a power of the RR interval in s; NaN above `fastest` beats a minute."""

    exponent: float = 0.5
    fastest: float = 300.0
    version: ClassVar[int] = 3

    def __call__(self, prepared: Prepared) -> np.ndarray:
        rate = prepared.table["rate"].to_numpy()
        corrected = prepared.table["qt"].to_numpy() / (60 / rate) ** self.exponent
        return np.where(rate > self.fastest, np.nan, corrected)


@dataclass(frozen=True)
class Tall:
    """Two classes read off the signals: a tall R in V5, and one that is never known."""

    version: ClassVar[int] = 1

    def __call__(self, prepared: Prepared) -> np.ndarray:
        v5 = prepared.x(np.arange(len(prepared)))[:, 10]
        return np.stack([v5.max(axis=1) > 1250.0, np.full(len(v5), np.nan)], axis=1)


@dataclass(frozen=True)
class Flat:
    version: ClassVar[int] = 1

    def __call__(self, prepared: Prepared) -> np.ndarray:
        return np.zeros(3)


class NoDataclass:
    version = 1

    def __call__(self, prepared: Prepared) -> np.ndarray:
        return np.zeros(len(prepared))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store, so that the ECGs are prepared once."""
    return tmp_path_factory.mktemp("store")


def data(store: Path, target: Target) -> EcgData:
    return EcgData(SOURCE, "median", target, 4, 0, Store(store))


def qtc(**label: Any) -> Target:
    return Target("qtc", "ms", label={"_target_": f"{HERE}.Corrected", **label})


def test_a_class_labels_the_ecgs_and_is_named_as_the_maker(store: Path) -> None:
    found = data(store, qtc(exponent=1 / 3))
    table = found.prepared.table
    wanted = table["qt"] / (60 / table["rate"]) ** (1 / 3)
    assert found.cohort.y[:, 0] == pytest.approx(wanted)
    assert found.counts["label_source"] == f"qtc, by {HERE}.Corrected, version 3"
    assert found.counts["labels_by"] == {"qtc": {"computed": 24}}
    assert found.counts["labels_given"] == 0


def test_an_ecg_without_a_label_is_left_out_and_named(store: Path) -> None:
    found = data(store, qtc(fastest=80.0))
    left = dict(found.counts["without_label"])
    table = found.prepared.table
    fast = table["id"].to_numpy()[table["rate"].to_numpy() > 80.0]
    assert 0 < len(left) < 24
    assert {*left} == {*fast.tolist()}
    assert {*left.values()} == {f"no label from {HERE}.Corrected"}


def test_several_classes_may_come_from_the_signals(store: Path) -> None:
    target = Target(
        "tall", "", kind="binary", classes=("tall", "never"), label={"_target_": f"{HERE}.Tall"}
    )
    y = data(store, target).cohort.y
    assert y.shape == (24, 2)
    assert np.unique(y[:, 0]).tolist() == [0.0, 1.0]
    assert np.isnan(y[:, 1]).all()


def test_a_network_is_kept_under_class_file_version_and_settings(store: Path) -> None:
    settings = data(store, qtc(exponent=0.4)).labels.settings
    assert settings == {
        "kind": "regression",
        "label": f"{HERE}.Corrected",
        "version": 3,
        **own_source(Corrected),
        "settings": {"exponent": 0.4},
    }


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ({}, r"expected in target\.label\._target_ the import path of a class, got None"),
        ({"_target_": "no.Such"}, r"expected in target\.label\._target_ .*, got 'no\.Such'"),
        ({"_target_": f"{HERE}.NoDataclass"}, "a dataclass with a version and __call__"),
        ({"_target_": f"{HERE}.Corrected", "power": 2}, "exponent, fastest, got 'power'"),
        ({"_target_": f"{HERE}.Corrected", "exponent": "x"}, "label.exponent to be a float"),
    ],
)
def test_a_wrong_class_is_refused_before_anything_is_prepared(
    tmp_path: Path, label: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said) as refusal:
        _ = data(tmp_path, Target("qtc", "ms", label=label)).labels.settings
    assert "\n" not in str(refusal.value)
    assert not [*tmp_path.iterdir()]


def test_labels_of_another_shape_are_refused(store: Path) -> None:
    target = Target("flat", "ms", label={"_target_": f"{HERE}.Flat"})
    with pytest.raises(ValueError, match=r"of shape \(24, 1\) for flat, got \(3,\)"):
        _ = data(store, target).cohort.y


def test_a_label_beside_a_column_or_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a column nor a table, got 'qt'"):
        Target("qtc", "ms", "qt", label={"_target_": f"{HERE}.Corrected"})
    with pytest.raises(ValueError, match=r"neither a column nor a table, got 'echo\.csv'"):
        Target("qtc", "ms", table="echo.csv", label={"_target_": f"{HERE}.Corrected"})

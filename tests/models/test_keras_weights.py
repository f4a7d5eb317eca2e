"""Weights in the layout of Keras 2, against passes in numpy that know no torch."""

from collections.abc import Iterator
from math import ceil
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from ecglens.models import load_weights
from ecglens_zoo import InceptionTime, RibeiroResNet

Layers = dict[str, dict[str, np.ndarray]]

SAMPLES = 300  # odd numbers on the way: 75, 19, 5, 2


class Made:
    """Layers with random weights, named and counted as Keras does; each computes its output."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.layers: Layers = {}

    def name(self, kind: str, weights: dict[str, np.ndarray]) -> None:
        number = sum(name.startswith(kind) for name in self.layers)
        self.layers[f"{kind}_{number}" if number else kind] = weights

    def conv(self, x: np.ndarray, out: int, kernel: int, step: int = 1) -> np.ndarray:
        """Of (time, in) with padding "same"."""
        scale = (2 / (kernel * x.shape[1])) ** 0.5
        weight = scale * self.random.normal(size=(kernel, x.shape[1], out))
        self.name("conv1d", {"kernel": weight})
        windows = same(x, kernel, step, 0.0)
        return np.einsum("tki,kio->to", windows, weight)

    def norm(self, x: np.ndarray) -> np.ndarray:
        gamma, beta, mean = (self.random.normal(1, 0.2, x.shape[1]) for _ in range(3))
        variance = self.random.uniform(0.5, 1.5, x.shape[1])
        self.name(
            "batch_normalization",
            {"gamma": gamma, "beta": beta, "moving_mean": mean, "moving_variance": variance},
        )
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    def dense(self, x: np.ndarray, out: int) -> np.ndarray:
        weight = self.random.normal(size=(x.size, out)) / x.size**0.5
        bias = self.random.normal(size=out)
        self.name("dense", {"kernel": weight, "bias": bias})
        return x.reshape(-1) @ weight + bias

    def parameters(self) -> int:
        return sum(
            value.size
            for layer in self.layers.values()
            for name, value in layer.items()
            if not name.startswith("moving")
        )

    def save(self, path: Path, whole: bool = True) -> None:
        """As `model.save` (whole) or `model.save_weights`, the last layer first."""
        with h5py.File(path, "w") as file:
            group = file.create_group("model_weights") if whole else file
            names = ["signal", *reversed(self.layers)]
            group.attrs["layer_names"] = [name.encode() for name in names]
            for name in names:
                layer = group.create_group(name)
                weights = self.layers.get(name, {})
                layer.attrs["weight_names"] = [f"{name}/{key}:0".encode() for key in weights]
                for key, value in weights.items():
                    layer[f"{name}/{key}:0"] = value.astype(np.float32)


def same(x: np.ndarray, kernel: int, step: int, value: float) -> np.ndarray:
    """Windows (time, kernel, in) of (time, in), padded as TensorFlow says for "same"."""
    out = ceil(len(x) / step)
    more = max(0, (out - 1) * step + kernel - len(x))
    x = np.pad(x, ((more // 2, more - more // 2), (0, 0)), constant_values=value)
    return np.stack([x[k * step : k * step + kernel] for k in range(out)])


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def ribeiro(x: np.ndarray, made: Made) -> np.ndarray:
    """The network of Ribeiro 2020, written from its Figure 3 and its layers in Keras."""
    x = y = relu(made.norm(made.conv(x, 64, 16)))
    for out in (128, 196, 256, 320):
        beside = made.conv(same(y, 4, 4, -np.inf).max(1), out, 1)
        x = relu(made.norm(made.conv(x, out, 16)))
        y = made.conv(x, out, 16, step=4) + beside
        x = relu(made.norm(y))
    return made.dense(x, 6)


def inception_time(x: np.ndarray, made: Made) -> np.ndarray:
    """One network of Ismail Fawaz 2020, written from its section 3."""
    before = x
    for block in range(6):
        narrow = made.conv(x, 32, 1)
        branches = [made.conv(narrow, 32, kernel) for kernel in (40, 20, 10)]
        branches.append(made.conv(same(x, 3, 1, -np.inf).max(1), 32, 1))
        x = relu(made.norm(np.concatenate(branches, 1)))
        if block % 3 == 2:
            x = before = relu(made.norm(made.conv(before, 128, 1)) + x)
    return made.dense(x.mean(0), 5)


@pytest.fixture
def strip() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(SAMPLES, 12)).astype(np.float32)


@pytest.mark.parametrize("whole", [True, False])
def test_the_network_of_ribeiro_computes_what_its_keras_file_says(
    strip: np.ndarray, whole: bool, tmp_path: Path
):
    made = Made()
    expected = ribeiro(strip, made)
    made.save(tmp_path / "model.hdf5", whole)
    net = load_weights(RibeiroResNet(samples=SAMPLES), tmp_path / "model.hdf5")
    got = net(torch.from_numpy(strip.T[None]))[0]
    assert got.tolist() == pytest.approx([*expected], rel=1e-4, abs=1e-4)
    assert sum(each.numel() for each in net.parameters()) == made.parameters()


def test_inception_time_computes_what_its_keras_file_says(strip: np.ndarray, tmp_path: Path):
    made = Made()
    expected = inception_time(strip, made)
    made.save(tmp_path / "best_model.hdf5")
    net = load_weights(InceptionTime(targets=5), tmp_path / "best_model.hdf5")
    got = net(torch.from_numpy(strip.T[None]))[0]
    assert got.tolist() == pytest.approx([*expected], rel=1e-4, abs=1e-4)
    assert sum(each.numel() for each in net.parameters()) == made.parameters()


def test_the_published_sizes_have_the_stated_number_of_parameters():
    made = Made()
    ribeiro(np.zeros((4096, 12)), made)
    assert made.parameters() == 6_421_910
    assert sum(each.numel() for each in RibeiroResNet().parameters()) == 6_421_910
    assert sum(each.numel() for each in InceptionTime().parameters()) == 491_905


def faulty() -> Iterator[tuple[str, Layers, str]]:
    kernel = np.zeros((3, 12, 64), np.float32)
    yield "too few", {"conv1d": {"kernel": kernel}}, "expected 13 convolutions .* got 1"
    yield "an LSTM", {"lstm": {"kernel": kernel, "recurrent_kernel": kernel}}, "got the layer lstm"
    yield "2-D", {"conv2d": {"kernel": kernel[None]}}, "got the layer conv2d with kernel"


@pytest.mark.parametrize(("layers", "said"), [each[1:] for each in faulty()])
def test_other_layers_are_refused(layers: Layers, said: str, tmp_path: Path):
    made = Made()
    made.layers = layers
    made.save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match=said):
        load_weights(RibeiroResNet(), tmp_path / "model.h5")


def test_layers_of_another_size_are_named(strip: np.ndarray, tmp_path: Path):
    made = Made()
    ribeiro(strip, made)
    made.save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match=r"1 of another shape \(first: lin.weight \(6, 640\)"):
        load_weights(RibeiroResNet(samples=4096), tmp_path / "model.h5")


def test_hdf5_without_layer_names_is_refused(tmp_path: Path):
    with h5py.File(tmp_path / "model.weights.h5", "w") as file:
        file["layers/conv1d/vars/0"] = np.zeros(3)
    with pytest.raises(ValueError, match=r"^expected HDF5 of Keras 2 .* found none"):
        load_weights(RibeiroResNet(), tmp_path / "model.weights.h5")

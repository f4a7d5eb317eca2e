"""Published or own weights, put into a network under its own names."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from torch import Tensor, nn

from .keras_weights import MAGIC, read_keras
from .state_files import read_safetensors, read_torch

Net = TypeVar("Net", bound=nn.Module)

# Before the names of a network: torch.compile, DataParallel, and fields of a LightningModule.
PREFIXES = ("_orig_mod.", "module.", "model.", "net.", "network.", "body.", "backbone.", "encoder.")


def load_weights(net: Net, path: str | Path) -> Net:
    """`net` itself, in evaluation mode, with the weights of a file.

    The file is a state dict or a checkpoint of torch.save (Lightning's too, from a GPU, or within
    tuples), safetensors, or HDF5 of Keras (see `read_keras`). Prefixes before the names are
    removed (`_orig_mod.`, `module.`, `model.`, …), numbers take the network's own precision. Code
    in the file is never run. Raises ValueError when the file holds no weights or others than the
    network's, OSError when it cannot be opened.
    """
    path = Path(path).expanduser()
    own = net.state_dict()
    tensors = _matched(_read(path, net), own)
    _check(tensors, own, path)
    net.load_state_dict(tensors)
    return net.eval()


def _read(path: Path, net: nn.Module) -> dict[str, Tensor]:
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start == MAGIC:
        return read_keras(path, net)
    return read_safetensors(path) if path.suffix == ".safetensors" else read_torch(path)


def _matched(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under the network's names.

    Known prefixes are removed as long as no name is the network's. Where only some names have the
    prefix, as in a LightningModule with metrics beside its network, the others are left out.
    """
    named = dict(tensors)
    while not named.keys() & own.keys():
        behind = [
            {name.removeprefix(each): v for name, v in named.items() if name.startswith(each)}
            for each in PREFIXES
        ]
        if not any(behind):
            break
        named = max(behind, key=len)
    return named


def _check(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor], path: Path) -> None:
    shapes = [
        f"{name} {tuple(tensors[name].shape)} in place of {tuple(own[name].shape)}"
        for name in own
        if name in tensors and tensors[name].shape != own[name].shape
    ]
    faults = {
        "missing": [name for name in own if name not in tensors],
        "unexpected": [name for name in tensors if name not in own],
        "of another shape": shapes,
    }
    told = [f"{len(names)} {what} (first: {names[0]})" for what, names in faults.items() if names]
    if told:
        raise ValueError(
            f"expected in {path} the {len(own)} tensors of the network, got {len(tensors)}: "
            f"{', '.join(told)}"
        )

"""Published or own weights, put into a network under its own names."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

# Around the names of a network: torch.compile, DataParallel, and the field of a LightningModule.
PREFIXES = ("_orig_mod.", "module.", "model.", "net.", "network.", "backbone.")
# Entries of checkpoints that hold the weights.
ENTRIES = ("state_dict", "model_state_dict", "model", "net", "network", "weights")


def load_weights(net: nn.Module, path: str | Path) -> nn.Module:
    """`net` in evaluation mode, with the weights of a file of torch.save.

    The state dict may lie within tuples and dicts, or in a Lightning checkpoint, may come from a
    GPU, and may have prefixes before its names (`_orig_mod.`, `module.`, `model.`, …). Code in
    the file is never run. Raises ValueError when the file holds no weights, or others than the
    network's.
    """
    path = Path(path)
    tensors = _state_dict(_read(path))
    if not tensors:
        raise ValueError(f"expected weights by name in {path}, found none")
    own = net.state_dict()
    tensors = _without_prefixes(tensors, own)
    _check(tensors, own, path)
    net.load_state_dict(tensors)
    return net.eval()


def _read(path: Path) -> Any:
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except pickle.UnpicklingError as problem:
        raise ValueError(
            f"expected tensors alone in {path}, got a file that runs code when it is read; where "
            "it was made, save torch.save(net.state_dict(), file) and give that file"
        ) from problem


def _state_dict(found: Any) -> dict[str, Tensor]:
    """The first dict of tensors within tuples, lists and dicts; empty where there is none."""
    if isinstance(found, Mapping):
        tensors = {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
        if tensors:
            return tensors
        inside = [found[name] for name in ENTRIES if name in found]
    else:
        inside = list(found) if isinstance(found, (tuple, list)) else []
    return next(filter(None, map(_state_dict, inside)), {})


def _without_prefixes(
    tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The same tensors, known prefixes removed from all names until they are the network's."""
    named = dict(tensors)
    while not named.keys() & own.keys():
        common = [each for each in PREFIXES if all(name.startswith(each) for name in named)]
        if not common:
            break
        named = {name.removeprefix(common[0]): value for name, value in named.items()}
    return named


def _check(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor], path: Path) -> None:
    missing = [name for name in own if name not in tensors]
    unexpected = [name for name in tensors if name not in own]
    shapes = [
        f"{name} {tuple(tensors[name].shape)} in place of {tuple(own[name].shape)}"
        for name in own
        if name in tensors and tensors[name].shape != own[name].shape
    ]
    wrong = [
        f"{len(names)} {what} (first: {names[0]})"
        for what, names in (
            ("missing", missing),
            ("unexpected", unexpected),
            ("of another shape", shapes),
        )
        if names
    ]
    if wrong:
        raise ValueError(
            f"expected in {path} the {len(own)} tensors of the network, got {len(tensors)}: "
            f"{', '.join(wrong)}"
        )

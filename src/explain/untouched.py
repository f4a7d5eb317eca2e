"""Foreign code run without traces: on the network's modules, and in the random streams."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn


@contextmanager
def untouched(net: nn.Module) -> Iterator[None]:
    """Inside, attributes and hooks may be put on modules; afterwards all are as they were."""
    before = [
        (module, dict(vars(module)), {name: one.copy() for name, one in _hooks(module).items()})
        for module in net.modules()
    ]
    try:
        yield
    finally:
        for module, attributes, hooks in before:
            vars(module).clear()
            vars(module).update(attributes)
            for name, own in _hooks(module).items():
                # In place, because the handles of the caller's hooks refer to this dictionary.
                own.clear()
                own.update(hooks[name])


def _hooks(module: nn.Module) -> dict[str, dict[Any, Any]]:
    return {
        name: value
        for name, value in vars(module).items()
        if "_hooks" in name and isinstance(value, dict)
    }


@contextmanager
def seeded(generator: torch.Generator, device: torch.device) -> Iterator[None]:
    """Inside, torch and numpy draw by the generator's seed; afterwards they go on as before.

    On a GPU torch draws other numbers from the same seed than on the CPU.
    """
    seed, on_gpu = generator.initial_seed(), device.type == "cuda"
    state = np.random.get_state()  # noqa: NPY002 the stream that captum draws from
    with torch.random.fork_rng([device] if on_gpu else [], device_type="cuda"):
        # torch.manual_seed would also touch the streams of other GPUs.
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            torch.cuda.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002

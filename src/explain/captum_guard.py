"""What captum says and leaves behind, kept away from the caller and from the network."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

# DeepLIFT keeps activations here, and leaves them on modules that no gradient came back through.
LEFTOVERS = ("input", "output", "input_ref")


@contextmanager
def captum_guard(net: nn.Module) -> Iterator[None]:
    """Silence captum's announcement of its hooks and remove the tensors that it leaves behind."""
    own = {(module, name) for module in net.modules() for name in LEFTOVERS if name in vars(module)}
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Setting forward, backward hooks and attributes")
            yield
    finally:
        for module in net.modules():
            for name in LEFTOVERS:
                if name in vars(module) and (module, name) not in own:
                    delattr(module, name)

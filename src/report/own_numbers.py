"""Numbers that a user brings, as float32."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor


def numbers(values: Any, name: str) -> Float[Tensor, "..."]:
    """Any array or tensor of real numbers as float32; an array is copied. ValueError for others."""
    if isinstance(values, Tensor) and not values.is_complex():
        return values.detach().to(torch.float32)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):  # lists of several lengths, a complex tensor on a GPU
        array = np.empty(0, object)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"expected {name} as an array or tensor of real numbers, got {type(values).__name__} "
            f"of dtype {array.dtype}; convert it with numpy.asarray({name}, float)"
        )
    return torch.from_numpy(array.astype(np.float32))

"""Random numbers that depend on names, never on batch size, device or order."""

import hashlib
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def generator(seed: int, *names: str | int) -> torch.Generator:
    """A CPU generator of its own for this seed and these names."""
    text = "\x1f".join(str(name) for name in (seed, *names))
    digest = hashlib.sha256(text.encode()).digest()
    # torch takes a signed 64-bit seed: the top bit is dropped.
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def noise_field(
    seed: int, records: Sequence[str], draw: int, shape: tuple[int, int]
) -> Float[Tensor, "batch lead time"]:
    """Standard normal noise by (seed, record, draw), on the CPU.

    A point of a record gets the same noise whichever method hits it and however many points are
    asked for, because the whole field is drawn at once.
    """
    return torch.stack(
        [
            torch.randn(shape, generator=generator(seed, "perturbation", record, draw))
            for record in records
        ]
    )


def sample_ids(x: Float[Tensor, "batch lead time"]) -> tuple[str, ...]:
    """A name for each ECG made from its samples, for when it has no other."""
    flat = x.detach().to("cpu", torch.float32).contiguous()
    return tuple(hashlib.sha256(one.numpy().tobytes()).hexdigest()[:16] for one in flat)

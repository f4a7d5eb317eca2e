"""Values in place of samples: random numbers that depend on names alone, and straight lines."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int64
from torch import Tensor

CPU = torch.device("cpu")


def generator(seed: int, *names: str | int) -> torch.Generator:
    """Generator on the CPU that depends on this seed and these names alone."""
    text = "\x1f".join(str(name) for name in (seed, *names))
    digest = hashlib.sha256(text.encode()).digest()
    # torch takes a signed 64-bit seed: the top bit is dropped.
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def normal(generator: torch.Generator, *shape: int) -> Tensor:
    """Standard normal numbers in float32, also where torch's default type draws others."""
    return torch.randn(shape, dtype=torch.float32, generator=generator)


def uniform(generator: torch.Generator, *shape: int) -> Tensor:
    """Numbers in 0…1, as in `normal`."""
    return torch.rand(shape, dtype=torch.float32, generator=generator)


@contextmanager
def torch_seeded(seed: int, device: torch.device = CPU) -> Iterator[None]:
    """Inside, torch draws by this seed on the CPU and this device; afterwards it goes on as before.

    On a GPU it draws other numbers from the same seed than on the CPU.
    """
    on_gpu = device.type == "cuda"
    with torch.random.fork_rng([device] if on_gpu else [], device_type="cuda"):
        # torch.manual_seed would also touch the streams of other GPUs.
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            torch.cuda.manual_seed(seed)
        yield


def noise_field(
    seed: int, records: Sequence[str], draw: int, shape: tuple[int, int]
) -> Float[Tensor, "batch lead time"]:
    """Standard normal noise by (seed, record, draw), on the CPU.

    A point of a record gets the same noise for every method and any number of points, because the
    whole field is drawn at once.
    """
    each = (generator(seed, "perturbation", record, draw) for record in records)
    return torch.stack([normal(one, *shape) for one in each])


def sample_ids(x: Float[Tensor, "batch lead time"]) -> tuple[str, ...]:
    """Names made from the samples, for ECGs that have no other."""
    flat = x.detach().to("cpu", torch.float32).contiguous()
    return tuple(hashlib.sha256(one.numpy().tobytes()).hexdigest()[:16] for one in flat)


def runs(units: Int64[Tensor, " time"]) -> tuple[Int64[Tensor, " time"], Int64[Tensor, " time"]]:
    """First sample and length of the run that each sample lies in."""
    _, run, count = torch.unique_consecutive(units, return_inverse=True, return_counts=True)
    return (count.cumsum(0) - count)[run], count[run]


def lines(
    x: Float[Tensor, "lead time"], units: Int64[Tensor, " time"]
) -> Float[Tensor, "lead time"]:
    """Signal in which each run is the straight line between the samples before and after it.

    At an end of the signal the run's own outermost sample takes the place of the missing one.
    """
    first, length = runs(units)
    left = (first - 1).clamp(min=0)
    right = (first + length).clamp(max=len(units) - 1)
    place = torch.arange(len(units), device=units.device)
    share = (place - left).to(x.dtype) / (right - left).clamp(min=1)
    return x[:, left] + (x[:, right] - x[:, left]) * share

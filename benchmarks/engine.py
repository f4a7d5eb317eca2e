"""What the FFT convolution saves on the reference network, in CPU time: one table.

Run as `python -m benchmarks.engine`. Both networks are timed in one process on one thread, in
turns, and the fastest of several runs counts, because another program on the machine can only
make a run slower.
"""

import time
import warnings
from collections.abc import Callable

import torch
from ecglens.models import ReferenceResNet
from torch import Tensor, nn

BATCH = 32
LENGTHS = {600: 5, 5000: 2}  # input length: runs


def directly(net: nn.Module) -> nn.Module:
    """The same network with torch's own convolutions."""
    torch.manual_seed(0)
    plain = ReferenceResNet()
    for module in plain.modules():
        if isinstance(module, nn.Conv1d):
            module.__class__ = nn.Conv1d
    plain.load_state_dict(net.state_dict())
    return plain


def predict(net: nn.Module, x: Tensor) -> None:
    """Forward only."""
    with torch.no_grad():
        net.eval()(x)


def explain(net: nn.Module, x: Tensor) -> None:
    """Forward and the gradient for the input."""
    x = x.clone().requires_grad_()
    torch.autograd.grad(net.eval()(x).sum(), x)


def train(net: nn.Module, x: Tensor) -> None:
    """Forward and the gradients for all weights, without the optimiser."""
    net.zero_grad()
    net.train()(x).square().mean().backward()


def cpu_ms(task: Callable[[nn.Module, Tensor], None], net: nn.Module, x: Tensor) -> float:
    """CPU time of one run in ms per ECG."""
    start = time.process_time()
    task(net, x)
    return 1e3 * (time.process_time() - start) / len(x)


def main() -> None:
    """Print the table."""
    warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    fast = ReferenceResNet()
    plain = directly(fast)
    print(f"reference network, batches of {BATCH}, one thread, CPU-ms per ECG")
    print(f"{'input':>8}  {'task':<8} {'nn.Conv1d':>10} {'FftConv1d':>10} {'ratio':>6}")
    for length, runs in LENGTHS.items():
        x = torch.randn(BATCH, 12, length)
        for task in (predict, explain, train):
            for net in (plain, fast):
                task(net, x[:1])
            times = [(cpu_ms(task, plain, x), cpu_ms(task, fast, x)) for _ in range(runs)]
            direct, fft = (min(column) for column in zip(*times, strict=True))
            print(
                f"{f'12×{length}':>8}  {task.__name__:<8} {direct:10.2f} {fft:10.2f}"
                f" {direct / fft:6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()

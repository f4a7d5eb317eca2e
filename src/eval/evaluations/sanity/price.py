"""Number of passes of the network for a method's map: expensive ones get fewer redraws."""

from jaxtyping import Float
from torch import Tensor, nn

from ....explain import Inputs, Method, attribute
from ....models import device_of
from ...subject import Subject

# The dearest gradient method takes 64 passes, with the one that tries the network 65; those that
# hide parts of the ECG take 73 or more.
GRADIENT_PRICED = 70
# Redraws of a dearer method: three still have a spread, at four to twenty times the cost.
DEAR_REDRAWS = 3


def passes(net: nn.Module, method: Method, subject: Subject) -> int:
    """ECGs that the network reads for the map of the first one; 0 for a method that is refused."""
    rows: list[int] = []

    def count(_: nn.Module, given: tuple[Float[Tensor, "batch lead time"], ...]) -> None:
        rows.append(len(given[0]))

    x, _, segments, record = subject.ecgs
    hook = net.register_forward_pre_hook(count)
    try:
        first = x[:1].to(device_of(net))
        inputs = Inputs(record[:1], segments[:1], subject.background)
        attribute(method, net, first, subject.output, subject.seed, inputs)
    except ValueError:  # the method's own check on this network
        return 0
    finally:
        hook.remove()
    return sum(rows)


def cheap(net: nn.Module, subject: Subject) -> dict[str, Method]:
    """The methods whose map costs no more than the dearest of the gradients."""
    return {
        name: method
        for name, method in subject.methods.items()
        if passes(net, method, subject) <= GRADIENT_PRICED
    }

"""Check that contributions add up to the output that they explain."""

from jaxtyping import Float
from torch import Tensor

# Share of the change by which a sum may miss it, and rounding as a share of all that was added:
# 1e-7 for DeepLIFT and 1e-6 for LRP on the reference network.
TOLERANCE, ROUNDING = 1e-3, 1e-5


def check_sum(
    contributions: Float[Tensor, "batch lead time"],
    output: Float[Tensor, " batch"],
    base: Float[Tensor, " batch"],
    message: str,
) -> None:
    """Raise ValueError unless each ECG's contributions add up to its output less `base`.

    `message` has two places, for the expected and for the actual sum.
    """
    change, total = output - base, contributions.sum(dim=(1, 2))
    added = contributions.abs().sum(dim=(1, 2)) + output.abs() + base.abs()
    excess = (total - change).abs() - TOLERANCE * change.abs() - ROUNDING * added
    worst = int(excess.argmax())
    if not excess[worst] <= 0:  # NaN neither
        raise ValueError(message.format(f"{change[worst]:.4g}", f"{total[worst]:.4g}"))

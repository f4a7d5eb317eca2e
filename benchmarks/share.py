"""A share of counted things, with its uncertainty."""

from scipy.stats import beta


def share(hits: int, of: int) -> str:
    """Hits, number, percent and the exact 95 % interval (Clopper and Pearson 1934)."""
    if not of:
        return f"{0:4d} of {0:4d}"
    low = beta.ppf(0.025, hits, of - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, of - hits) if hits < of else 1.0
    return f"{hits:4d} of {of:4d}  {100 * hits / of:5.1f} %  ({100 * low:.1f} … {100 * high:.1f})"

"""The small networks that pictures of the Concepts pages explain, fitted to exact ECGs."""

from functools import cache

import ecglens
from ecglens.datamodules import EcgData, Target
from torch import nn

# Half a minute of one core each: PR of exact beats to 3 ms, atrial fibrillation without an error.
ECGS, EPOCHS = 600, 12
KINDS = {"sinus": 0.5, "af": 0.5}


@cache
def intervals() -> EcgData:
    """Exact ECGs with their PR interval."""
    return ecglens.load_ecgs("exact", "pr", n=ECGS)


@cache
def of_pr(seed: int) -> nn.Module:
    """A network that reads PR."""
    return ecglens.fit(intervals(), "small", epochs=EPOCHS, seed=seed)


@cache
def rhythms() -> EcgData:
    """Exact ECGs of sinus rhythm and of atrial fibrillation."""
    af = Target("af", "", "dx_af", kind="binary")
    return ecglens.load_ecgs("exact", af, n=ECGS, kinds=KINDS, morphology="varied")


@cache
def of_af() -> nn.Module:
    """A network that tells atrial fibrillation."""
    return ecglens.fit(rhythms(), "small", epochs=EPOCHS)


__all__ = ["intervals", "of_af", "of_pr", "rhythms"]

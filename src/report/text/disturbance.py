"""What a protocol does to an ECG, in words."""

from ...eval import Protocol
from .numerals import percent

FILLS = {
    "zero": "set to 0 µV",
    "mean": "set to the mean of the lead",
    "linear": "replaced by the line between the samples beside them",
    "donor": "replaced by those of another patient's ECG",
}


def disturbed(protocol: Protocol) -> str:
    """The points or segments of an evaluation and what each gets."""
    return f"{protocol.steps} {hit(protocol)}, one a step, {_filled(protocol)}"


def axis(protocol: Protocol) -> str:
    """What is counted along a curve."""
    return f"{units(protocol)} perturbed, {protocol.order} relevant first"


def hit(protocol: Protocol) -> str:
    """What the steps hit, in which order."""
    wide = f" of {protocol.segment_ms:g} ms" if protocol.unit == "segment" else ""
    least = ", the least relevant first" if protocol.order == "lerf" else ""
    return f"{units(protocol)}{wide}{least}"


def units(protocol: Protocol) -> str:
    """Points or segments."""
    return f"{protocol.unit}s"


def _filled(protocol: Protocol) -> str:
    if protocol.fill != "noise":
        return FILLS[protocol.fill]
    bump = "a smooth bump" if protocol.unit == "segment" else "noise"
    return f"{bump} of {percent(protocol.noise)} of the range of the {protocol.noise_scope}, as SD"

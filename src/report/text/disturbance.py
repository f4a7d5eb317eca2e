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


def changed(protocol: Protocol, method: str) -> str:
    """What all steps of a method have changed, and how."""
    end = {"morf": "highest", "lerf": "lowest"}[protocol.order]
    these = f"the {protocol.steps} {units(protocol)} that {method} ranks {end}"
    if protocol.fill != "noise":
        return f"{these} were {FILLS[protocol.fill]}"
    added = "a smooth bump" if protocol.unit == "segment" else "noise"
    return f"{added} was added to {these}"


def axis(protocol: Protocol) -> str:
    """Label of the axis of steps."""
    first = {"morf": "most", "lerf": "least"}[protocol.order]
    return f"{units(protocol)} perturbed, {first} relevant first"


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

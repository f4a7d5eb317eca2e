"""The answer of a ranking in words."""

import pandas as pd

from ..curves import Curves
from ..protocol import Protocol
from .ladder import Ladder
from .ladder_words import level_name, not_reached, reached
from .outcome import usable_patients


def in_words(
    scores: Curves,
    table: pd.DataFrame,
    best: str | None,
    tied: tuple[str, ...],
    ladder: Ladder,
    networks: int,
) -> str:
    """The answer of a ranking of this many networks, with the levels that methods reach."""
    ecgs, patients = len(usable_patients(scores)), len({*usable_patients(scores)})
    sure = f"on {ecgs} ECGs" + (f" of {patients} patients" if patients < ecgs else "")
    sure += f" in {networks} networks" if networks > 1 else ""
    if not scores.methods:
        why = "; ".join(f"{name} was left out: {why}" for name, why in scores.left_out.items())
        return f"No method was scored, only controls {sure} ({why or 'no other was asked for'})."
    if best is None:
        return not_reached(ladder, ladder.needed, sure)
    auc = table.set_index("method")["value"]
    level = level_name(ladder.needed)
    claim = f"{best} {_moved(scores.protocol)} of those that reach “{level}” {sure}"
    numbers = f"AUC {auc[best]:.3g} against {auc['random']:.3g} for random"
    also = f"; it cannot be told from {', '.join(tied)}" if tied else ""
    return f"{claim} ({numbers}){also}. {reached(ladder)}"


def _moved(protocol: Protocol) -> str:
    """Effect of a best map, by the outcome and the order of a protocol."""
    moved = {
        "change": "moves the prediction",
        "relative_error": "raises the error",
        "logit": "lowers the logit",
    }[protocol.outcome]
    if protocol.order == "lerf":
        return f"{moved} least by what it ranks last"
    return f"{moved} most"

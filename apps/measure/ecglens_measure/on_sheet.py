"""What known changes say of one ECG, on its sheet of `ecglens explain`."""

from collections.abc import Callable, Mapping, Sequence

from ecglens.datamodules import Prepared
from ecglens.engine import full_precision
from ecglens_sheets import Given, KnownNetwork

from .answers import Asked
from .doses import doses
from .known import of_data, of_prepared
from .library import ECGS, on_ecgs
from .measurement import GRADED
from .whatif import what_if

HEADING = "What changes of this ECG do"


@full_precision()
def lines_on_sheet(
    known: KnownNetwork,
) -> Callable[[Given, Prepared, int], Mapping[str, Sequence[str]]] | None:
    """Lines about one ECG by heading, for a run that `ecglens measure` has measured; else None.

    Networks of strips have none: their edits take seconds an ECG (`ecglens whatif` makes them). A
    run of several seeds has none: it is measured as one, and a sheet is about the first network.
    """
    if known.training is None or known.finding.about.input != "median":
        return None
    about, store = known.finding.about.target, known.store
    ecgs = of_data(known.training, ECGS)
    chosen = [each for each in doses().values() if each.kind in GRADED]
    if not Asked([known.net], ecgs.ecgs, store, 0).has(chosen):
        return None
    others = on_ecgs([known.net], ecgs, chosen, about, store)

    def lines(given: Given, prepared: Prepared, row: int) -> Mapping[str, Sequence[str]]:
        generated = given.records.reader.generated
        one = of_prepared(prepared, "", [row], generated)
        if reason := one.ecgs.reasons[0].get("", ""):
            return {HEADING: [f"Not told: this ECG cannot be changed, {reason}."]}
        return {HEADING: what_if([known.net], one.ecgs, others, store, one.kind).short()}

    return lines

"""Settings of a network's input and output, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from ...ecg import FS_HZ, LEADS
from ...store import check_types
from .normalisation import Normalisation

# µV in one unit of the network's input.
UNITS = {"µV": 1.0, "uV": 1.0, "mV": 1e3, "V": 1e6}
# The usual normalisations by name.
NORMALISATIONS: dict[str, Normalisation | None] = {
    "none": None,
    "z-score per lead": Normalisation("z-score", per="lead"),
    "z-score over all": Normalisation("z-score", per="ecg"),
    "min-max per lead": Normalisation("min-max", per="lead"),
    "min-max over all": Normalisation("min-max", per="ecg"),
}


@dataclass(frozen=True)
class Declared:
    """Input and output of a network, as its publication states them.

    A record, 12 leads of ecg.LEADS in µV, is prepared in this order: `leads` chosen and put in
    order; resampled to `fs` (Hz); filtered within `band` (Hz, 0: no limit) by a Butterworth filter
    of `order`, forwards and backwards; divided by the `unit`, a name or its number of µV; cut to
    `samples` (None: all) at the `window`, "start", "centre" or "end", or one window every `hop`
    samples, whose outputs are averaged; normalised by a name in NORMALISATIONS or a Normalisation;
    where the record is shorter than the window, extended by zeros on the side or sides where a
    longer one is cut; laid out as `layout`, each time with the batch first.

    `output` is the key of a dict, the place in a tuple or the name of an attribute ("heads.pr" for
    one within another), None where a tensor comes back; one value per ECG is a column; `over_time`
    takes the mean of what has a value for each sample, as a mask; `column` keeps one of several.
    `ends_with` is the function behind which the logit lies. Raises ValueError for what no network
    can want.
    """

    leads: Sequence[str] = LEADS
    fs: int | float = FS_HZ
    samples: int | None = None
    window: Literal["start", "centre", "end"] = "centre"
    hop: int | None = None
    layout: Literal["lead time", "time lead", "concatenated", "1 lead time"] = "lead time"
    unit: str | int | float = "µV"
    band: Sequence[int | float] | None = None
    order: int = 4  # as ECGFounder's, in scipy's counting: eight poles of a band-pass
    normalisation: str | Normalisation = "none"
    output: str | int | None = None
    over_time: Literal["none", "mean"] = "none"
    column: int | None = None
    ends_with: Literal["logit", "sigmoid", "softmax"] = "logit"

    def __post_init__(self) -> None:
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        named = isinstance(self.normalisation, Normalisation)
        check_types(Declared, plain | ({"normalisation": "none"} if named else {}), "input")
        object.__setattr__(self, "leads", _in_our_names(self.leads))
        if self.band is not None:
            object.__setattr__(self, "band", tuple(self.band))
        if isinstance(self.normalisation, str) and self.normalisation not in NORMALISATIONS:
            raise ValueError(
                f"expected input.normalisation as one of {', '.join(NORMALISATIONS)}, or a "
                f"Normalisation, got {self.normalisation!r}"
            )
        if isinstance(self.unit, str):  # a Greek mu looks like the micro sign
            object.__setattr__(self, "unit", self.unit.replace("μ", "µ"))
        if isinstance(self.unit, str) and self.unit not in UNITS:
            raise ValueError(
                f"expected input.unit as one of {', '.join(UNITS)}, or the µV in one unit, "
                f"got {self.unit!r}"
            )
        self._check_numbers()
        for name in ("mean", "sd"):
            given = 1 if self.normalised is None else len(self.normalised.numbers(name))
            if given not in (1, len(self.leads)):
                raise ValueError(
                    f"expected one normalisation.{name} or one per lead, got {given} for "
                    f"{len(self.leads)} leads"
                )

    def _check_numbers(self) -> None:
        above = {"fs": self.fs, "samples": self.samples, "hop": self.hop, "order": self.order}
        for name, value in {**above, "unit": self.uv_per_unit}.items():
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"expected input.{name} above 0, got {value}")
        if self.column is not None and self.column < 0:
            raise ValueError(f"expected input.column of 0 or more, got {self.column}")
        if self.hop is not None and self.samples is None:
            raise ValueError("expected input.samples for windows that hop, got none")
        if self.band is not None:
            self._check_band(self.band)

    def _check_band(self, band: Sequence[int | float]) -> None:
        low, high = band if len(band) == 2 else (0, 0)
        highest = self.fs / 2
        between = 0 <= low < highest and 0 <= high < highest and (low < high or not high)
        if not between or not (low or high):
            raise ValueError(
                f"expected input.band as [low, high] in Hz below {highest:g}, 0 for no limit on "
                f"one side, got {list(band)}"
            )

    @property
    def normalised(self) -> Normalisation | None:
        """The normalisation, None for none."""
        given = self.normalisation
        return NORMALISATIONS[given] if isinstance(given, str) else given

    @property
    def uv_per_unit(self) -> float:
        """µV in one unit of the network's input."""
        return UNITS[self.unit] if isinstance(self.unit, str) else float(self.unit)


def _in_our_names(leads: Sequence[str]) -> tuple[str, ...]:
    """Leads spelled as in ecg.LEADS."""
    ours = {name.upper(): name for name in LEADS}
    unknown = [name for name in leads if name.upper() not in ours]
    if unknown or not leads or len({name.upper() for name in leads}) < len(leads):
        raise ValueError(
            f"expected input.leads of {', '.join(LEADS)}, each at most once, got {list(leads)}"
        )
    return tuple(ours[name.upper()] for name in leads)

"""Every dose by name: unit, usual sizes, what it does, moves and must leave alone.

Nothing here loads numpy or torch, so that a wrong name on a command line is answered at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf, isfinite
from numbers import Real
from typing import Literal


@dataclass(frozen=True)
class Dose:
    """A named change of ECGs; `how` is part of what the name means.

    `sizes` are the usual ones in `unit`, without zero. `label` is the measurement that the change
    is meant to move (None: none of the seven), `holds` are those that it must leave alone. `waves`
    are those that an ECG must have. Recordings take sizes up to `on_recordings` (0: only exact ECGs
    can be given this dose).
    """

    name: str
    unit: str
    sizes: tuple[float, ...]
    how: str
    label: str | None
    holds: tuple[str, ...]
    kind: Literal["time", "height", "disturbance", "fault"]
    waves: tuple[str, ...] = ()
    on_recordings: float = inf

    def check_size(self, by: float) -> None:
        """Raise ValueError for a size that this dose cannot have."""
        if not isinstance(by, Real) or not isfinite(by) or not by:
            raise ValueError(
                f"expected a size of {self.name} as a number other than zero, got {by!r}"
            )
        if self.sizes == (1.0,) and by != 1:
            raise ValueError(f"expected 1 for {self.name}, which has no size, got {by:g}")
        if min(self.sizes) > 0 > by:
            raise ValueError(f"expected a size of {self.name} above 0, got {by:g}")


LABELS = ("pr", "qrs", "qt", "r", "j", "t")
QRS, P_QRS, QRS_T = ("QRS",), ("P", "QRS"), ("QRS", "T")
# Usual sizes are those that at least 70 % of clean beats of PTB-XL can be given
# (results/measure/doses): for PR −40 only those with a long PR have room.
STEPS = (-40.0, -20.0, -10.0, 10.0, 20.0, 40.0)
T_STEPS = (-40.0, -20.0, 20.0, 40.0)
QRS_STEPS = (-20.0, -10.0, 10.0, 20.0)
WIDTHS = (-10.0, -4.0, 4.0, 10.0)
SHARES = (-50.0, -25.0, 25.0, 50.0)
NOISE = (10.0, 20.0, 50.0, 100.0)
LEVELS = (50.0, 100.0, 200.0)
PULSES = (200.0, 1000.0)
# Signs of the change in leads I and II that leaves aVF (lateral) or I (inferior) as it is.
LATERAL, INFERIOR = "t_lateral", "t_inferior"


def _all_but(*moved: str | None) -> tuple[str, ...]:
    return tuple(name for name in LABELS if name not in moved)


def _time(
    name: str,
    sizes: tuple[float, ...],
    how: str,
    label: str | None = None,
    waves: tuple[str, ...] = QRS_T,
    on_recordings: float = inf,
) -> Dose:
    return Dose(name, "ms", sizes, how, label, _all_but(label), "time", waves, on_recordings)


def _height(
    name: str, sizes: tuple[float, ...], how: str, label: str | None, waves: tuple[str, ...] = QRS_T
) -> Dose:
    return Dose(name, "µV", sizes, how, label, _all_but(label), "height", waves)


def _territory(name: str, how: str, *moved: str) -> Dose:
    return Dose(name, "%", SHARES, how, None, _all_but(*moved), "height", QRS_T)


def _disturbance(
    name: str, unit: str, sizes: tuple[float, ...], how: str, waves: tuple[str, ...] = ()
) -> Dose:
    return Dose(name, unit, sizes, how, None, (), "disturbance", waves)


def _fault(name: str, how: str) -> Dose:
    return Dose(name, "", (1.0,), how, None, (), "fault")  # it is there or not


_EVERY = (
    _time("pr", STEPS[1:],
          "P and its foot are carried; PQ and what is before P are stretched", "pr", P_QRS),
    _time("pr_scaled", STEPS, "P and PQ are stretched together", "pr", P_QRS),
    _time("p_duration", (-20.0, -10.0, 10.0), "P ends later, its onset and PR stay", None, P_QRS),
    _time("qrs", QRS_STEPS,
          "all of QRS is stretched around the R peak; P and T are carried, PR and QT stay", "qrs"),
    _time("qrs_end", QRS_STEPS, "QRS ends later, with J; ST is stretched, T stays", "qrs",
          on_recordings=10.0),
    _time("t_shift", T_STEPS[1:], "T is carried; ST and what is behind T are stretched", "qt"),
    _time("t_stretch", T_STEPS, "T is stretched from its onset, its foot is carried", "qt"),
    _time("jt", T_STEPS, "ST and T are stretched together, the foot of T is carried", "qt"),
    _time("t_peak", (-20.0, -10.0, 10.0), "T peaks later, its onset and end stay"),
    _time("t_end", T_STEPS, "T ends later, its onset and peak stay", "qt", on_recordings=0.0),
    _time("q_width", WIDTHS, "Q ends later, QRS stays", None, QRS, 0.0),
    _time("r_width", WIDTHS, "R falls to zero later, QRS stays", None, QRS, 0.0),
    _time("s_width", WIDTHS, "S begins earlier, QRS stays", None, QRS, 0.0),
    Dose("rate", "1/min", QRS_STEPS,
         "beats come sooner, each as it is (QT stays); T–P is stretched",
         "rate", LABELS, "time", QRS_T),
    Dose("irregular", "%", (5.0, 10.0, 15.0),
         "RR changes by this SD in each strip, the mean stays; T–P is stretched",
         None, LABELS, "time", QRS_T),
    Dose("premature", "%", (10.0, 20.0, 30.0),
         "the beat in the middle comes this share of RR early with its P, the next one on time",
         None, LABELS, "time", QRS_T),
    _height("p", (-20.0, 20.0, 40.0), "P is scaled in all leads; µV in lead II", None, P_QRS),
    _height("q", (-50.0, 50.0),
            "negative waves before the R peak are scaled in all leads; µV deeper in lead V6",
            None, QRS),
    _height("r", (-400.0, -200.0, 200.0, 400.0),
            "positive waves of QRS are scaled in all leads; µV in lead V5", "r", QRS),
    _height("s", (-200.0, -100.0, 100.0, 200.0),
            "negative waves behind the R peak are scaled in all leads; µV deeper in lead V2",
            None, QRS),
    _height("j", (-50.0, 50.0),
            "J and ST are raised with the usual shares of the leads, back at zero where T peaks",
            "j"),
    _height("st", (-25.0, 25.0, 50.0),
            "ST is raised between J and the T peak, which stay; µV in lead V5", None),
    _height("t", (-100.0, 100.0, 200.0), "T is scaled in all leads; µV in lead V5", "t"),
    _territory("t_v5", "T is scaled in V5 alone", "t"),
    _territory("t_anterior", "T is scaled in V1 to V4"),
    _territory(LATERAL, "T is scaled in I, V5 and V6, aVF stays", "t"),
    _territory(INFERIOR, "T is scaled in aVF (and so in II and III), I stays"),
    Dose("axis", "°", (-30.0, -15.0, 15.0, 30.0),
         "limb leads are turned in the frontal plane, P and T with QRS; chest leads stay",
         None, (), "height"),
    _disturbance("gain", "%", (-50.0, -20.0, 20.0, 50.0), "all leads are scaled"),
    _disturbance("offset", "µV", LEVELS, "a constant is added to the eight leads"),
    _disturbance("noise_muscle", "µV", NOISE, "noise of 20–150 Hz, RMS in each of eight leads"),
    _disturbance("noise_mains", "µV", NOISE, "a sine of 50 Hz, RMS in each of eight leads"),
    _disturbance("wander", "µV", LEVELS, "a sine of a breath, RMS over whole breaths"),
    _disturbance("shift", "ms", T_STEPS, "the whole signal comes later in its window"),
    _disturbance("ends", "%", LEVELS[:2], "the first and last 200 ms become a level"),
    _disturbance("ends_level", "µV", LEVELS[:2], "the first and last 200 ms are raised"),
    _fault("lowpass_40", "without what is above 40 Hz"),
    _fault("lowpass_25", "without what is above 25 Hz"),
    _fault("highpass_05", "without what is below 0.5 Hz"),
    _fault("highpass_1", "without what is below 1 Hz, which bends ST"),
    _fault("notch_50", "without a band around 50 Hz"),
    _fault("resample_250", "sampled at 250 Hz and back"),
    _fault("resample_100", "sampled at 100 Hz and back"),
    _fault("inverted", "all leads upside down"),
    _fault("swap_limb", "electrodes of both arms exchanged"),
    _fault("swap_leg", "electrodes of left arm and leg exchanged"),
    _fault("swap_v1_v2", "electrodes of V1 and V2 exchanged"),
    _fault("swap_v3_v4", "electrodes of V3 and V4 exchanged"),
    *(_fault(f"lead_off_{lead}", f"{lead} and what follows from it are zero")
      for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")),
    _disturbance("outside_waves", "%", LEVELS[:2],
                 "between T and P, and between P and QRS, each lead becomes a line", QRS_T),
    _disturbance("spike", "µV", PULSES, "a pacing spike 40 ms before P", QRS),
    _disturbance("calibration", "µV", PULSES, "a pulse of 200 ms near the end of the signal"),
)  # fmt: skip
EVERY: Mapping[str, Dose] = {dose.name: dose for dose in _EVERY}
# Doses of a label that is no dose itself: how QT grows is part of a name.
ALSO = {"qt": ("t_shift", "t_stretch", "jt", "t_end")}


def doses(names: str | Sequence[str] = "all") -> Mapping[str, Dose]:
    """Doses by name, in the order of the catalogue or of `names` (a list, or text with commas).

    Raises ValueError for an unknown name and for none.
    """
    if names == "all":
        return EVERY
    wanted = [each.strip() for each in names.split(",")] if isinstance(names, str) else [*names]
    if not wanted or wanted == [""]:
        raise ValueError(f"expected one dose or more ({', '.join(EVERY)}, or all), got none")
    if unknown := [name for name in wanted if name not in EVERY]:
        raise ValueError(
            f"expected doses of {', '.join(nearest(unknown[0]))} (or all), got "
            f"{', '.join(map(repr, unknown))}"
        )
    return {name: EVERY[name] for name in wanted}


def nearest(name: str) -> list[str]:
    """Every dose; first those that change a label of this name, then those spelt like it."""
    alike = get_close_matches(name, EVERY, n=len(EVERY))
    return [*dict.fromkeys([*ALSO.get(name, ()), *alike, *EVERY])]

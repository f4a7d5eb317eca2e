"""Doses of exact ECGs: their parameters are changed, so that sizes are true by construction."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from ecglens.ecg import (
    INDEPENDENT,
    LEADS,
    V5,
    ExactParameters,
    exact_beat,
    exact_record,
    turned,
    with_change,
)
from jaxtyping import Float32, Int

from ..catalogue import INFERIOR, LATERAL, Dose
from .checks import check
from .dose import MS, Unchangeable
from .heights import CHEST, COUNTED_IN, ST_END, ST_LEADS, ST_TOP

Change = Callable[[ExactParameters, float], ExactParameters]
# Rows of the six waves that every exact ECG has (ExactParameters.waves).
ROW = {"p": 0, "q": 1, "r": 2, "s": 3, "t": 5}
T_FROM = 30  # samples after J from which the core reads T (T_FROM_J of ecglens.ecg.measurement)
# Doses that the core's own change of a label is.
BY_LABEL = {"pr": "pr", "qrs_end": "qrs", "t_end": "qt", "r": "r", "j": "j", "t": "t"}


def with_dose(parameters: ExactParameters, dose: Dose, by: float) -> ExactParameters:
    """Parameters after this dose; Unchangeable where it does not fit."""
    if dose.name in BY_LABEL:
        if dose.kind == "time":
            _samples(by)
        try:
            changed = with_change(parameters, BY_LABEL[dose.name], by)
        except ValueError:
            raise Unchangeable("no room between the waves") from None
        if dose.name in ("r", "t"):
            check(
                dose, by, {dose.name: _highest(changed, dose.name) - parameters.labels[dose.name]}
            )
    else:
        changed = CHANGES[dose.name](parameters, by)
    # P, QRS and T keep their order, within a beat and from one to the next.
    marks, rr = changed.marks, changed.rr_samples
    crowded = marks.p_off > marks.qrs_on or marks.t_on < marks.qrs_off
    crowded |= marks.t_off > marks.p_on + rr or marks.t_off > marks.qrs_on + rr
    if crowded or (np.diff(changed.waves) <= 0).any():
        raise Unchangeable("no room between the waves")
    return changed


def _highest(parameters: ExactParameters, label: str) -> float:
    """R or T as it is read in V5: where its wave has shrunk, another one may be higher."""
    marks, v5 = parameters.marks, exact_beat(parameters).signal[V5].astype(float)
    if label == "r":
        return float(v5[int(marks.qrs_on) : int(marks.qrs_off) + 1].max())
    t = v5[int(marks.qrs_off) + T_FROM : int(marks.t_off) + 1]
    return float(t[np.abs(t).argmax()])


def redrawn(
    x: Float32[np.ndarray, "12 time"], before: ExactParameters, after: ExactParameters
) -> Float32[np.ndarray, "12 time"]:
    """Signal with the waves of `after` in place of those of `before`; noise in it stays."""
    was = exact_beat(before).signal
    if x.shape[1] == was.shape[1]:
        return x + (exact_beat(after).signal - was)
    return x + (exact_record(after).signal - exact_record(before).signal)


def _samples(by: float) -> int:
    if by / MS != round(by / MS):
        raise Unchangeable(f"{by:g} ms are no whole samples of {MS:g} ms")
    return round(by / MS)


def stretched(
    places: Int[np.ndarray, "*any"], first: float, last: float, k: int
) -> Int[np.ndarray, "*any"]:
    """Samples after what lies between two of them has become `k` longer; what is behind moves."""
    share = np.clip((places - first) / (last - first), 0.0, 1.0)
    return places + np.round(share * k).astype(int)


def _p_scaled(parameters: ExactParameters, by: float) -> ExactParameters:
    on, qrs_on = _ends(parameters, "P")[0], _ends(parameters, "Q", "R", "S")[0]
    # From behind: the onset of QRS stays.
    return _moved(parameters, ("P",), lambda at: -stretched(-at, -qrs_on, -on, _samples(by)))


def _wave_stretched(wave: str) -> Change:
    def change(parameters: ExactParameters, by: float) -> ExactParameters:
        on, off = _ends(parameters, wave)
        return _moved(parameters, (wave,), lambda at: stretched(at, on, off, _samples(by)))

    return change


def _qrs(parameters: ExactParameters, by: float) -> ExactParameters:
    on, off = _ends(parameters, "Q", "R", "S")
    k = _samples(by)
    first = round(on * k / (off - on))  # R, at 0, stays
    waves = parameters.waves.copy()
    for row, part in enumerate(parameters.parts):
        if part in ("Q", "R", "S"):
            left = -stretched(-waves[row], 0.0, -on, -first)
            waves[row] = np.where(waves[row] < 0, left, stretched(waves[row], 0.0, off, k + first))
        elif part == "ST":
            begin, _, end = waves[row]
            waves[row] = stretched(begin, 0.0, off, k + first), off + k + first, end + first
        else:
            waves[row] += first
    return replace(parameters, waves=waves)


def _t_shift(parameters: ExactParameters, by: float) -> ExactParameters:
    return _moved(parameters, ("T",), lambda at: at + _samples(by))


def _jt(parameters: ExactParameters, by: float) -> ExactParameters:
    j, off = _ends(parameters, "Q", "R", "S")[1], _ends(parameters, "T")[1]
    return _moved(parameters, ("ST", "T"), lambda at: stretched(at, j, off, _samples(by)))


def _t_peak(parameters: ExactParameters, by: float) -> ExactParameters:
    (on, peak, off), k = parameters.waves[ROW["t"]], _samples(by)

    def way(at: Int[np.ndarray, "wave 3"]) -> Int[np.ndarray, "wave 3"]:
        return np.where(at <= peak, stretched(at, on, peak, k), stretched(at, peak, off, -k) + k)

    return _moved(parameters, ("T",), way)


def _width(row: int, edge: int, sign: int) -> Change:
    def change(parameters: ExactParameters, by: float) -> ExactParameters:
        if not parameters.field[row].any():
            raise Unchangeable(f"{parameters.parts[row]} is 0 µV in every lead")
        waves = parameters.waves.copy()
        waves[row, edge] += sign * _samples(by)
        qrs_on, qrs_off = _ends(parameters, "Q", "R", "S")
        # Q ends before the R peak and S begins behind it, so that R keeps its height.
        low, high = {1: (qrs_on, 0), 2: (1, qrs_off), 3: (1, qrs_off)}[row]
        if not low <= waves[row, edge] <= high:
            raise Unchangeable("no room within QRS")
        return replace(parameters, waves=waves)

    return change


def _rate(parameters: ExactParameters, by: float) -> ExactParameters:
    rate = parameters.labels["rate"] + by
    if rate <= 0:
        raise Unchangeable("no rate would be left")
    return replace(parameters, rr_samples=6e4 / rate / MS)


def _height(wave: str) -> Change:
    lead = LEADS.index(COUNTED_IN[wave])

    def change(parameters: ExactParameters, by: float) -> ExactParameters:
        rows = parameters.rows("P") if wave == "p" else [ROW[wave]]
        alone = np.zeros_like(parameters.field)
        alone[rows] = parameters.field[rows]
        # The two parts of a varied P overlap: together they are higher than the first.
        drawn = exact_beat(replace(parameters, field=alone)).signal[lead]
        height = float(np.abs(drawn).max())
        if height + by <= 0 or not height:
            raise Unchangeable(f"{wave.upper()} is {height:.0f} µV in {COUNTED_IN[wave]}")
        return replace(parameters, field=parameters.field + by / height * alone)

    return change


def _st(parameters: ExactParameters, by: float) -> ExactParameters:
    j, peak = _ends(parameters, "Q", "R", "S")[1], parameters.waves[ROW["t"], 1]
    top, end = (j + round(share * (peak - j)) for share in (ST_TOP, ST_END))
    return replace(
        parameters,
        waves=np.vstack([parameters.waves, [j, top, end]]),
        field=np.vstack([parameters.field, by * ST_LEADS]),
        parts=(*parameters.parts, "ST"),
    )


def _territory(name: str) -> Change:
    def change(parameters: ExactParameters, by: float) -> ExactParameters:
        field, rows, share = parameters.field.copy(), parameters.rows("T"), by / 100.0
        chest = [INDEPENDENT.index(lead) for lead in CHEST.get(name, ())]
        field[np.ix_(rows, chest)] *= 1 + share
        if name == LATERAL:
            field[rows, :2] += share * parameters.field[rows, :1] * [1.0, 0.5]
        if name == INFERIOR:
            field[rows, 1] += share * (field[rows, 1] - field[rows, 0] / 2)
        return replace(parameters, field=field)

    return change


def _axis(parameters: ExactParameters, by: float) -> ExactParameters:
    field = parameters.field.copy()
    field[:, :2] = turned(field[:, :2], by)
    known = {name: value + by * (name == "axis") for name, value in parameters.known.items()}
    return replace(parameters, field=field, known=known)


def _ends(parameters: ExactParameters, *parts: str) -> tuple[int, int]:
    rows = parameters.rows(*parts)
    return int(parameters.waves[rows, 0].min()), int(parameters.waves[rows, 2].max())


def _moved(
    parameters: ExactParameters,
    parts: tuple[str, ...],
    way: Callable[[Int[np.ndarray, "wave 3"]], Int[np.ndarray, "wave 3"]],
) -> ExactParameters:
    waves, rows = parameters.waves.copy(), parameters.rows(*parts)
    waves[rows] = way(waves[rows])
    return replace(parameters, waves=waves)


CHANGES: Mapping[str, Change] = {
    "pr_scaled": _p_scaled,
    "p_duration": _wave_stretched("P"),
    "qrs": _qrs,
    "t_shift": _t_shift,
    "t_stretch": _wave_stretched("T"),
    "jt": _jt,
    "t_peak": _t_peak,
    "q_width": _width(1, 2, 1),
    "r_width": _width(2, 2, 1),
    "s_width": _width(3, 0, -1),
    "rate": _rate,
    **{wave: _height(wave) for wave in ("p", "q", "s")},
    "st": _st,
    **{name: _territory(name) for name in (*CHEST, INFERIOR)},
    "axis": _axis,
}
KNOWN = frozenset({*BY_LABEL, *CHANGES})

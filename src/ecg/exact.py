"""Exact ECGs: made of waves that are zero outside their support, so that all truth is known.

Definition, fixed before anything was measured on these ECGs: a wave is a bump that rises from zero
at the first sample of its support to its peak and falls back to zero at the last sample of its
support. Its **onset is the first and its offset the last sample of the support**, both of value
zero. The QRS complex is the union of Q, R and S; its onset is the onset of Q and R, its offset that
of S. PR, QRS and QT are differences of these points, whatever a smooth start looks like.

PR, QRS, QT, R, J, T and the rate are drawn independently of each other; their ranges are such that
no beat meets the next. What else a beat needs (the widths of P and T, where R lies within QRS, how
each wave shows in each lead) is drawn too, and fitted into the room which the intervals leave.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from .leads import INDEPENDENT, from_eight
from .record import BEAT_LENGTH, HOUSE_FS_HZ, Record
from .waves import R_INDEX, Segments

STRIP_LENGTH = 5000  # samples: 10 s at 500 Hz
MS = 1e3 / HOUSE_FS_HZ  # per sample

# Ranges of the independent quantities; intervals in whole samples of 2 ms, amplitudes in whole µV.
PR_MS, QRS_MS, QT_MS = (130, 200), (80, 130), (340, 440)
R_UV, J_UV, T_UV = (500, 2000), (-100, 150), (150, 600)
RATE = (50, 85)  # PR + QT < RR at its upper end
P_UV = (60, 180)  # in lead II

# How waves show in I, II, V1…V6 relative to lead V5 (P: to lead II), from ordinary 12-lead ECGs.
# Every ECG scatters them by 25 %, except in the lead that its amplitude is given in.
FIELD = np.array(
    [
        [0.55, 1.00, 0.35, 0.45, 0.45, 0.45, 0.40, 0.40],  # P
        [0.60, 0.40, -1.2, -1.5, -0.6, 0.30, 1.00, 1.00],  # Q: the septum, towards V1
        [0.45, 0.70, 0.15, 0.35, 0.60, 1.00, 1.00, 0.80],  # R
        [0.30, 0.50, 2.50, 3.50, 2.20, 1.40, 1.00, 0.60],  # S
        [0.50, 0.70, -0.5, 0.40, 0.80, 1.00, 1.00, 0.80],  # ST
        [0.50, 0.60, -0.2, 0.90, 1.30, 1.30, 1.00, 0.70],  # T
    ]
)
GIVEN_IN = np.array([INDEPENDENT.index(lead) for lead in ("II", "V5", "V5", "V5", "V5", "V5")])


@dataclass(frozen=True, eq=False)
class ExactParameters:
    """Everything an exact ECG is made of: supports and peaks in samples from the R peak.

    `waves` holds onset, peak and offset (6, 3) of P, Q, R, S, ST and T, `field` the amplitude of
    each in the eight independent leads in µV, `rr_samples` the distance of the R peaks.
    """

    seed: int
    index: int
    waves: Int[np.ndarray, "6 3"]
    field: Float[np.ndarray, "6 8"]
    rr_samples: float

    @property
    def labels(self) -> dict[str, float]:
        """PR, QRS, QT in ms, R, J, T in µV in lead V5, rate in 1/min."""
        v5 = self.field[:, INDEPENDENT.index("V5")]
        marks = self.marks
        return {
            "pr": (marks.qrs_on - marks.p_on) * MS,
            "qrs": (marks.qrs_off - marks.qrs_on) * MS,
            "qt": (marks.t_off - marks.qrs_on) * MS,
            "r": float(v5[2]),
            "j": float(v5[4]),
            "t": float(v5[5]),
            "rate": 6e4 / (self.rr_samples * MS),
        }

    @property
    def marks(self) -> Segments:
        """The fiducial points in the samples of the beat (R peak at 250)."""
        on, off = self.waves[:, 0] + R_INDEX, self.waves[:, 2] + R_INDEX
        return Segments(
            p_on=float(on[0]),
            p_off=float(off[0]),
            qrs_on=float(on[1]),
            qrs_off=float(off[3]),
            t_on=float(on[5]),
            t_off=float(off[5]),
        )


def draw_exact(seed: int, index: int) -> ExactParameters:
    """The parameters of exact ECG number `index`, whichever others are drawn."""
    random = np.random.Generator(np.random.Philox(key=[seed, index]))

    def samples(low_ms: int, high_ms: int) -> int:
        return int(random.integers(round(low_ms / MS), round(high_ms / MS), endpoint=True))

    pr, qrs, qt = samples(*PR_MS), samples(*QRS_MS), samples(*QT_MS)
    r_uv, j_uv, t_uv = (int(random.integers(*span, endpoint=True)) for span in (R_UV, J_UV, T_UV))
    rate = random.uniform(*RATE)
    # Nuisance from here on: it fills the room that the intervals leave.
    before, falling, s_from, p_share, t_share, st_share = random.uniform(
        [0.38, 0.70, 0.10, 0.55, 0.70, 0.75], [0.48, 0.85, 0.25, 0.70, 0.85, 1.00]
    )
    qrs_on = -round(before * qrs)
    qrs_off = qrs_on + qrs
    p_on = qrs_on - pr
    # The level before QRS (16 ms) lies between P and QRS.
    p_off = p_on + round(p_share * (pr - 10))
    t_off = qrs_on + qt
    # J + 60 ms, where the T amplitude is first looked for, lies before the T peak.
    t_on = t_off - round(t_share * (t_off - qrs_off))
    t_peak = max(t_on + round(0.58 * (t_off - t_on)), qrs_off + round(80 / MS))
    # ST dies down under the rise of T, before its peak, which T alone decides.
    # R falls to zero inside QRS; S and ST begin behind the R peak, so that R alone decides it.
    r_off = round(falling * qrs_off)
    s_on = round(s_from * qrs_off)
    q_off = round(0.2 * qrs_on)
    waves = np.array(
        [
            (p_on, (p_on + p_off) // 2, p_off),
            (qrs_on, (qrs_on + q_off) // 2, q_off),
            (qrs_on, 0, r_off),
            (s_on, (s_on + qrs_off) // 2, qrs_off),
            (s_on, qrs_off, qrs_off + round(st_share * (t_peak - qrs_off))),
            (t_on, t_peak, t_off),
        ]
    )
    p_uv = random.integers(*P_UV)
    q_uv, s_uv = -random.uniform(0.02, 0.12) * r_uv, -random.uniform(0.05, 0.3) * r_uv
    scatter = random.uniform(0.75, 1.25, FIELD.shape)
    scatter[np.arange(len(FIELD)), GIVEN_IN] = 1.0
    amplitudes = np.array([p_uv, q_uv, r_uv, s_uv, j_uv, t_uv])
    rr_samples = 6e4 / rate / MS
    return ExactParameters(seed, index, waves, amplitudes[:, None] * FIELD * scatter, rr_samples)


def exact_beat(parameters: ExactParameters, noise_uv: float = 0.0) -> Record:
    """One exact beat (12, 600) with the neighbours that its rate brings into the window.

    It is its own given beat; labels and marks are the truth. `noise_uv` is the SD of white noise in
    the eight independent leads.
    """
    rr = round(parameters.rr_samples)
    peaks = np.array([-rr, 0, rr]) + R_INDEX
    signal = _rendered(parameters, peaks, BEAT_LENGTH, noise_uv)
    return _record(parameters, signal, signal, peaks)


def exact_record(
    parameters: ExactParameters, noise_uv: float = 0.0, rr_scatter: float = 0.0
) -> Record:
    """A 10-s strip (12, 5000) of exact beats; its given beat is the exact beat without noise.

    `rr_scatter` is the SD of the RR intervals as a share of their mean.
    """
    rr = parameters.rr_samples
    count = int(STRIP_LENGTH / rr) + 3
    random = _stream(parameters, 2)
    distances = rr * (1.0 + rr_scatter * np.clip(random.standard_normal(count), -2.0, 2.0))
    first = random.uniform(0.0, rr)
    peaks = np.round(first + np.cumsum(distances) - distances[0] - rr).astype(int)
    signal = _rendered(parameters, peaks, STRIP_LENGTH, noise_uv)
    return _record(parameters, signal, exact_beat(parameters).signal, peaks)


def _record(
    parameters: ExactParameters, signal: np.ndarray, beat: np.ndarray, peaks: np.ndarray
) -> Record:
    return Record(
        signal,
        fs=HOUSE_FS_HZ,
        id=f"exact-{parameters.seed}-{parameters.index}",
        patient=f"exact-{parameters.seed}-{parameters.index}",
        labels=parameters.labels,
        beat=beat,
        marks=parameters.marks,
        r_peaks=peaks,
    )


def _stream(parameters: ExactParameters, purpose: int) -> np.random.Generator:
    """Random numbers of their own for noise (1) and rhythm (2)."""
    return np.random.Generator(
        np.random.Philox(key=[parameters.seed, parameters.index], counter=[0, 0, 0, purpose])
    )


def _rendered(
    parameters: ExactParameters, peaks: np.ndarray, length: int, noise_uv: float
) -> Float32[np.ndarray, "12 time"]:
    """The beat laid at each R peak; where beats overlap, their waves add."""
    first, last = int(parameters.waves[:, 0].min()), int(parameters.waves[:, 2].max())
    beat = parameters.field.T @ bumps(parameters.waves, np.arange(first, last + 1))
    signal = np.zeros((len(INDEPENDENT), length))
    for peak in peaks:
        start = int(peak) + first
        low, high = max(start, 0), min(start + beat.shape[1], length)
        if low < high:
            signal[:, low:high] += beat[:, low - start : high - start]
    if noise_uv:
        signal += noise_uv * _stream(parameters, 1).standard_normal(signal.shape)
    return from_eight(signal).astype(np.float32)


def bumps(
    waves: Int[np.ndarray, "wave 3"], samples: Int[np.ndarray, " time"]
) -> Float[np.ndarray, "wave time"]:
    """Raised cosines of height 1 over each (onset, peak, offset), exactly zero outside."""
    on, peak, off = (waves[:, edge, None].astype(float) for edge in range(3))
    width = np.where(samples < peak, peak - on, off - peak)
    distance = np.minimum(np.abs(samples - peak) / width, 1.0)
    return 0.5 * (1.0 + np.cos(np.pi * distance)) * (distance < 1.0)

"""Random draw of the parameters of an exact ECG.

PR, QRS, QT, R, J, T and the rate are drawn independently of each other; their ranges are such that
no beat overlaps the next. All other quantities (durations of P and T, position of R within QRS,
size of each wave in each lead) are drawn too, and fitted into the time that the intervals leave: in
the plain morphology a long PR has a long P. In the varied morphology P and T have independent
durations, P has two parts (the second turns negative in V1), T may be notched, and the axis varies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from ..record import INDEPENDENT
from .kinds import KIND, KINDS, MORPHOLOGY, MS, PATTERN, ExactParameters, Kind, stream

P_UV = (60, 180)  # in lead II
GIVEN_IN = np.array([INDEPENDENT.index(lead) for lead in ("II", "V5", "V5", "V5", "V5", "V5")])
# Smallest number of samples between P and QRS: the level before QRS (16 ms) is measured there.
PQ = 10
T_PEAK = 0.58  # peak of T as a share of its support
LATEST_T_MS = 80  # shortest time from J to the T peak: the search for T begins at J + 60 ms
MORPHOLOGIES = ("plain", "varied")
# Varied morphology: durations that fit the shortest PR and the shortest QT − QRS of any kind.
P_MS, T_MS = (80, 108), (150, 200)
AXIS_DEG = (-30.0, 90.0)  # the normal axis (Surawicz et al. 2009)
# Height of the second part of P as a share of the first, and its sign and size in V1.
SECOND_P, TERMINAL_V1 = (0.5, 1.0), (-1.0, 0.5)
# Depth of the notch as a share of T: a deeper one would be below zero.
NOTCH = (0.0, 0.55)

Places = dict[str, tuple[int, int, int]]


def draw_kind(seed: int, index: int, shares: Mapping[str, float]) -> str:
    """Kind of ECG number `index`, drawn with the shares of the kinds, which add up to 1."""
    kinds = sorted(shares)
    ends = np.cumsum([shares[kind] for kind in kinds])
    place = stream(seed, index, KIND).random() * ends[-1]
    return kinds[int(np.searchsorted(ends, place, side="right"))]


def draw_exact(
    seed: int, index: int, kind: str = "sinus", morphology: str = "plain"
) -> ExactParameters:
    """Parameters of exact ECG number `index`, independent of the other ECGs.

    Raises ValueError for an unknown kind or morphology.
    """
    for what, known, given in (("a kind", KINDS, kind), ("a morphology", MORPHOLOGIES, morphology)):
        if given not in known:
            raise ValueError(f"expected {what} of {', '.join(known)}, got {given!r}")
    about = KINDS[kind]
    random = stream(seed, index, 0)

    def samples(low_ms: int, high_ms: int) -> int:
        return int(random.integers(round(low_ms / MS), round(high_ms / MS), endpoint=True))

    pr, qrs, qt = samples(*about.pr_ms), samples(*about.qrs_ms), samples(*about.qt_ms)
    r_uv, j_uv, t_uv = (
        int(random.integers(*span, endpoint=True)) for span in (about.r_uv, about.j_uv, about.t_uv)
    )
    rate = random.uniform(*about.rate)
    # Nuisance parameters from here on: they fill the time that the intervals leave.
    before, falling, s_from, p_share, t_share, st_share = random.uniform(
        [0.38, 0.70, 0.10, 0.55, 0.70, 0.75], [0.48, 0.85, 0.25, 0.70, 0.85, 1.00]
    )
    qrs_on = -round(before * qrs)
    qrs_off = qrs_on + qrs
    p_on = qrs_on - pr
    p_off = p_on + round(p_share * (pr - PQ))
    t_off = qrs_on + qt
    t_on = t_off - round(t_share * (t_off - qrs_off))
    t_peak = max(t_on + round(T_PEAK * (t_off - t_on)), qrs_off + round(LATEST_T_MS / MS))
    # ST ends during the rise of T, before its peak, so that only T decides its peak.
    # R falls to zero inside QRS; S and ST begin after the R peak, so that only R decides it.
    r_off = round(falling * qrs_off)
    s_on = round(s_from * qrs_off)
    q_off = round(0.2 * qrs_on)
    places: Places = {
        "P": (p_on, (p_on + p_off) // 2, p_off),
        "Q": (qrs_on, (qrs_on + q_off) // 2, q_off),
        "R": (qrs_on, 0, r_off),
        "S": (s_on, (s_on + qrs_off) // 2, qrs_off),
        "ST": (s_on, qrs_off, qrs_off + round(st_share * (t_peak - qrs_off))),
        "T": (t_on, t_peak, t_off),
    }
    p_uv = random.integers(*P_UV)
    q_uv, s_uv = -random.uniform(0.02, 0.12) * r_uv, -random.uniform(*about.s_share) * r_uv
    scatter = random.uniform(0.75, 1.25, about.leads.shape)
    scatter[np.arange(len(scatter)), GIVEN_IN] = 1.0
    amplitudes = np.array([p_uv, q_uv, r_uv, s_uv, j_uv, t_uv])
    waves, field = np.array(list(places.values())), amplitudes[:, None] * about.leads * scatter
    parameters = ExactParameters(seed, index, waves, field, 6e4 / rate / MS, kind)
    parameters = _with_pattern(parameters, about) if about.extra else parameters
    return _varied(parameters) if morphology == "varied" else parameters


def with_pr(parameters: ExactParameters, pr: int) -> ExactParameters:
    """ECG with a PR of `pr` samples; a P wave that does not fit is shortened."""
    rows = parameters.rows("P")
    waves = parameters.waves.copy()
    on, off = waves[rows, 0].min(), waves[rows, 2].max()
    share = min(1.0, (pr - PQ) / (off - on))
    new_on = waves[1, 0] - pr
    waves[rows] = new_on + np.round(share * (waves[rows] - on)).astype(int)
    return replace(parameters, waves=waves)


def _with_pattern(parameters: ExactParameters, about: Kind) -> ExactParameters:
    """Parameters with the waves that the kind adds; R falls to zero at the peak of a late one."""
    random = stream(parameters.seed, parameters.index, PATTERN)
    waves, r_uv = parameters.waves.copy(), parameters.labels["r"]
    _, _, (qrs_on, _, r_off), (s_on, _, qrs_off), st, _ = waves
    places = {
        "early": ("Q", np.array([qrs_on, qrs_on // 2, 0])),
        "late": ("R", np.array([s_on, r_off, qrs_off])),
        "st": ("ST", st),
    }
    if any(extra.place == "early" for extra in about.extra):
        waves[2, 0] = qrs_on // 2  # R begins at the peak of the early wave
    more = []
    for extra in about.extra:
        size = random.uniform(*extra.size) * (r_uv if extra.unit == "R" else 1.0)
        uv = size * np.array(extra.pattern) * random.uniform(0.75, 1.0, len(INDEPENDENT))
        more.append((*places[extra.place], uv))
    return _with(parameters, waves, parameters.field, more)


def _varied(parameters: ExactParameters) -> ExactParameters:
    """Varied morphology: durations of P and T, a P of two parts, a notch in T, and an axis."""
    random = stream(parameters.seed, parameters.index, MORPHOLOGY)
    p_ms, t_ms, axis, second, terminal, notch = random.uniform(
        *zip(P_MS, T_MS, AXIS_DEG, SECOND_P, TERMINAL_V1, NOTCH, strict=True)
    )
    waves, uv = parameters.waves.copy(), parameters.field.copy()
    length, p_on = round(p_ms / MS), waves[0, 0]
    waves[0] = p_on + np.round(np.array([0.0, 0.35, 0.70]) * length).astype(int)
    left = p_on + np.round(np.array([0.30, 0.65, 1.00]) * length).astype(int)
    left_uv = second * uv[0]
    left_uv[INDEPENDENT.index("V1")] *= terminal
    t_off = waves[5, 2]
    t_on = t_off - round(t_ms / MS)
    rise = round(T_PEAK * (t_off - t_on))
    t_peak = t_on + rise
    waves[5] = t_on, t_peak, t_off
    waves[4, 2] = min(waves[4, 2], t_peak)
    dent = np.array([t_on + round(0.35 * rise), t_on + round(0.65 * rise), t_peak])
    uv[1:4, :2] = turned(uv[1:4, :2], axis - direction(uv[2, :2]))
    more = [("P", left, left_uv), ("T", dent, -notch * uv[5])]
    return _with(replace(parameters, known={"axis": float(axis)}), waves, uv, more)


def _with(
    parameters: ExactParameters,
    waves: Int[np.ndarray, "wave 3"],
    field: Float[np.ndarray, "wave 8"],
    more: Sequence[tuple[str, np.ndarray, np.ndarray]],
) -> ExactParameters:
    """Parameters with these waves and `more`: part, samples and size (µV) of each."""
    parts, places, sizes = zip(*more, strict=True)
    return replace(
        parameters,
        waves=np.vstack([waves, *places]),
        field=np.vstack([field, *sizes]),
        parts=(*parameters.parts, *parts),
    )


# Leads I (0°) and II (60°, Einthoven) of a vector (x, y) in the frontal plane, as columns.
LIMBS = np.array([[1.0, 0.5], [0.0, np.sqrt(0.75)]])


def direction(limbs: Float[np.ndarray, "2"]) -> float:
    """Angle in the frontal plane, in degrees, of the vector with these leads I and II."""
    x, y = limbs @ np.linalg.inv(LIMBS)
    return float(np.degrees(np.arctan2(y, x)))


def turned(limbs: Float[np.ndarray, "wave 2"], degrees: float) -> Float[np.ndarray, "wave 2"]:
    """Leads I and II after a rotation of the heart, clockwise as seen from the front."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return limbs @ np.linalg.inv(LIMBS) @ turn @ LIMBS

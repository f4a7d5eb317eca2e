"""The preparation of a spec written out in numpy and SciPy, one record at a time."""

from fractions import Fraction

import numpy as np
from ecglens.ecg import LEADS
from ecglens.models import InputSpec
from scipy.signal import butter, resample_poly, sosfiltfilt


def in_units(x: np.ndarray, spec: InputSpec, fs: float) -> np.ndarray:
    """(own lead, own time) of a record (12, time)."""
    z = np.stack([x[LEADS.index(lead)] for lead in spec.leads]).astype(float)
    if fs != spec.fs:
        ratio = Fraction(spec.fs / fs).limit_denominator(1000)
        z = resample_poly(z, ratio.numerator, ratio.denominator, axis=-1, padtype="line")
    if spec.band is not None:
        low, high = spec.band
        edges = [one for one in (low, high) if one]
        kind = "bandpass" if low and high else "highpass" if low else "lowpass"
        sos = butter(
            spec.order, edges if len(edges) > 1 else edges[0], kind, fs=spec.fs, output="sos"
        )
        z = sosfiltfilt(sos, z, axis=-1)
    return z / spec.uv_per_unit


def cut(z: np.ndarray, spec: InputSpec) -> list[np.ndarray]:
    """Windows of the record, without the zeros around a short one."""
    time, size = z.shape[1], spec.samples or z.shape[1]
    if time <= size:
        return [z]
    if spec.hop is not None:
        return [z[:, at : at + size] for at in range(0, time - size + 1, spec.hop)]
    at = {"start": 0, "centre": (time - size) // 2, "end": time - size}[spec.window]
    return [z[:, at : at + size]]


def padded(z: np.ndarray, spec: InputSpec) -> np.ndarray:
    """A window with zeros where the record is too short."""
    missing = (spec.samples or z.shape[1]) - z.shape[1]
    before = {"start": 0, "centre": missing // 2, "end": missing}[spec.window]
    return np.pad(z, ((0, 0), (before, missing - before)))


def normalised(z: np.ndarray, of: np.ndarray, spec: InputSpec) -> np.ndarray:
    """A window by the statistics of `of`."""
    rule = spec.normalised
    if rule is None:
        return z
    if rule.kind == "fixed":
        mean, sd = (np.array(rule.numbers(name))[:, None] for name in ("mean", "sd"))
        return (z - mean) / sd
    over = {"lead": 1, "ecg": (0, 1)}[rule.per]
    low, high = (end(of, axis=over, keepdims=True) for end in (np.min, np.max))
    if rule.kind == "min-max":
        return rule.to[0] + (rule.to[1] - rule.to[0]) * (z - low) / (high - low)
    mean = of.mean(axis=over, keepdims=True)
    return (z - mean) / np.maximum(of.std(axis=over, keepdims=True, ddof=rule.ddof), rule.least_sd)


def prepared(
    x: np.ndarray, spec: InputSpec, fs: float, like: np.ndarray | None = None
) -> list[np.ndarray]:
    """Windows that the network reads of a record, by the statistics of the record `like`."""
    own, other = in_units(x, spec, fs), in_units(x if like is None else like, spec, fs)
    whole = spec.normalised is not None and spec.normalised.over == "record"
    return [
        padded(normalised(window, other if whole else of, spec), spec)
        for window, of in zip(cut(own, spec), cut(other, spec), strict=True)
    ]

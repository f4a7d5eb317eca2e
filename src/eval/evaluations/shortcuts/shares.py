"""Share of a map at a place or in a band, and the share by chance."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float
from scipy.fft import dct

from ....ecg import FS_HZ

Shares = Float[np.ndarray, " ecg"]
Band = tuple[tuple[float, float], ...]  # Hz, both ends included

MAINS: Band = ((49.0, 51.0), (59.0, 61.0))  # 50 and 60 Hz, and what a grid drifts
# A map multiplied by the ECG is a product of two oscillations of f, which lies at 0 and 2f.
MAINS_OF_MAP: Band = (*MAINS, (98.0, 102.0), (118.0, 122.0))
# Monitors cut here (Kligfield et al. 2007); above it a QRS has little, generators their artefacts.
FAST: Band = ((40.0, FS_HZ / 2),)
MAP_BANDS: Mapping[str, Band] = {"mains_map": MAINS_OF_MAP, "fast_map": FAST}
SIGNAL_BANDS: Mapping[str, Band] = {"mains_signal": MAINS, "fast_signal": FAST}


def share_within(
    maps: Float[np.ndarray, "ecg lead time"], masks: Bool[np.ndarray, "ecg lead time"]
) -> Shares:
    """Σ|map| over the mask as a share of Σ|map|; NaN for a map of zeros or an empty mask."""
    size = np.abs(maps).astype(np.float64)
    share = _share((size * masks).sum((1, 2)), size.sum((1, 2)))
    return np.where(masks.any((1, 2)), share, np.nan)


def share_of_points(masks: Bool[np.ndarray, "ecg lead time"]) -> Shares:
    """The share of the points that a mask has: that of a map which knows nothing; NaN for none."""
    return np.where(masks.any((1, 2)), masks.mean((1, 2)), np.nan)


def power_in(maps: Float[np.ndarray, "ecg lead time"], band: Band) -> Shares:
    """The share of the band in the power of a map about its mean in each lead; NaN for no power.

    By the cosine transform, which continues a lead by its mirror image: the ends make no step whose
    power would lie at all frequencies. Orthonormal, so that the powers add up to Σ map².
    """
    power = _spectra(maps)[..., 1:] ** 2
    return _share(power[..., _within(band, maps)[1:]].sum((1, 2)), power.sum((1, 2)))


def share_of_bins(maps: Float[np.ndarray, "ecg lead time"], band: Band) -> Shares:
    """`power_in` of white noise: the share of the frequencies."""
    return np.full(len(maps), _within(band, maps)[1:].mean())


def signal_in(
    maps: Float[np.ndarray, "ecg lead time"], x: Float[np.ndarray, "ecg lead time"], band: Band
) -> Shares:
    """The share of the band in Σ_k |A_k X_k|, map times ECG by frequency; NaN where all is 0.

    Where the map is a gradient, A_k X_k is what frequency k contributes to Σ x·∇f (Parseval), as if
    the network read the ECG through an inverse transform (Vielhaben et al. 2024, section 3).
    """
    parts = np.abs(_spectra(maps) * _spectra(x))
    return _share(parts[..., _within(band, maps)].sum((1, 2)), parts.sum((1, 2)))


def share_of_signal(x: Float[np.ndarray, "ecg lead time"], band: Band) -> Shares:
    """Mean of `signal_in` for white maps: the share of the band in Σ_k |X_k|."""
    size = np.abs(_spectra(x))
    return _share(size[..., _within(band, x)].sum((1, 2)), size.sum((1, 2)))


def _spectra(values: Float[np.ndarray, "ecg lead time"]) -> Float[np.ndarray, "ecg lead time"]:
    return np.asarray(dct(values.astype(np.float64), axis=-1, norm="ortho"))


def _within(band: Band, of: np.ndarray) -> Bool[np.ndarray, " frequency"]:
    length = of.shape[-1]
    hz = np.arange(length) * (FS_HZ / 2 / length)
    return np.any([(hz >= low) & (hz <= high) for low, high in band], axis=0)


def _share(part: Shares, whole: Shares) -> Shares:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)

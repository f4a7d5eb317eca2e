"""Whether III, aVR, aVL and aVF follow from I and II, as three electrodes make them."""

import numpy as np

from .filters import filtered, resampled
from .leads import COMPLETION, INDEPENDENT_INDEX, LEADS
from .record import Record

FOLLOWING = slice(2, 6)  # III, aVR, aVL, aVF
# RMS of the difference between 0.5 and 40 Hz. Of 104 strips of six sources with one gain for all
# leads, steps of 5 µV leave 2 µV, and filters of each lead by itself at most 9 µV, which is 4 % of
# the largest limb lead. In LUDB, whose leads each have a gain of their own, it is 24 % and more.
OFF_UV, OFF_SHARE = 10.0, 0.1
BAND_HZ = (0.5, 40.0)


def inconsistent_leads(record: Record) -> tuple[str, ...]:
    """Leads of III, aVR, aVL and aVF that contradict I and II; none where I or II is missing.

    By the equations of Einthoven (1908) and Goldberger (1942). A lead that contradicts them has
    another name, sign or gain than the file says; so has I or II where all four do.
    """
    signal = record.signal.astype(float)
    if (np.ptp(signal[:2], axis=1) == 0.0).any():
        return ()
    off = signal[FOLLOWING] - (COMPLETION @ signal[list(INDEPENDENT_INDEX)])[FOLLOWING]
    if (off.std(axis=1) <= OFF_UV).all():
        return ()
    off, limbs = (
        np.sqrt(np.mean(filtered(resampled(each, record.fs), *BAND_HZ) ** 2, axis=1))
        for each in (off, signal[:6])
    )
    wrong = off > max(OFF_UV, OFF_SHARE * limbs.max())
    return tuple(lead for lead, is_off in zip(LEADS[FOLLOWING], wrong, strict=True) if is_off)

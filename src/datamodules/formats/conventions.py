"""Conventions of all readers: missing leads, padding, age and sex."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite, nan
from typing import Literal

import numpy as np
from jaxtyping import Float

from ...ecg import INDEPENDENT, LEADS, MIN_LEADS, V5, Record, in_order, missing_leads, without_leads

# Treatment of an ECG without one of the leads I, II, V1…V6, from which the others follow.
MissingLead = Literal["exclude", "zero"]
# Before the names of leads in the vocabulary of IEEE 11073-10102, which HL7 aECG has.
LEAD_OF_MDC = "MDC_ECG_LEAD_"
# Labels that are amplitudes in lead V5.
IN_V5 = ("r", "j", "t")


def ordered(
    signal: Float[np.ndarray, "lead time"], names: Sequence[str]
) -> Float[np.ndarray, "12 time"]:
    """Twelve leads in the standard order (ecg.in_order); a missing lead is a row of zeros.

    `kept` decides whether such an ECG is used. Raises ValueError for fewer than five of the
    independent leads: the names are other ones, or this is not a 12-lead ECG.
    """
    known = {name.strip().lower() for name in names}
    missing = [lead for lead in INDEPENDENT if lead.lower() not in known]
    if not missing or len(INDEPENDENT) - len(missing) < MIN_LEADS:
        return in_order(signal, names)  # its error names the missing leads
    zeros = np.zeros((len(missing), signal.shape[1]), signal.dtype)
    whole = in_order(np.concatenate((signal, zeros)), [*names, *missing])
    return without_leads(whole, missing)


def kept(record: Record, missing_lead: MissingLead) -> Record:
    """Record with its missing leads at zero in strip and beat, without the labels read there.

    A lead is missing when all its samples are equal. Raises ValueError for a missing lead if
    `missing_lead` is "exclude", and in any case for fewer than five remaining independent leads.
    """
    missing = missing_leads(record.signal)
    if not missing:
        return record
    left = len(INDEPENDENT) - len(missing)
    if not left:
        raise ValueError("expected a signal, got leads that are all zero or constant")
    if missing_lead == "exclude" or left < MIN_LEADS:
        way = f"; data.missing_lead=zero keeps such ECGs where {MIN_LEADS} of these leads are left"
        raise ValueError(
            f"expected a signal in the leads {', '.join(INDEPENDENT)}; "
            f"missing: {', '.join(missing)}{way if left >= MIN_LEADS else ''}"
        )
    lost = IN_V5 if LEADS[V5] in missing else ()
    return replace(
        record,
        signal=without_leads(record.signal, missing),
        beat=None if record.beat is None else without_leads(record.beat, missing),
        labels={name: value for name, value in record.labels.items() if name not in lost},
    )


# The highest age on record (J. Calment); PTB-XL writes 300 for ages above 89.
OLDEST_YEARS = 122.0
SEX = {"female": 1.0, "f": 1.0, "male": 0.0, "m": 0.0}


def age_and_sex(age: object = None, sex: object = None) -> dict[str, float]:
    """Labels age (years) and sex (1 = female, 0 = male), NaN if unknown; no label for None."""
    labels = {}
    if age is not None:
        labels["age"] = years(age)
    if sex is not None:
        labels["sex"] = SEX.get(str(sex).strip().lower(), nan)
    return labels


def years(age: object) -> float:
    """Age in years; NaN for a text that is no number, and for an impossible age."""
    try:
        number = float(str(age))
    except ValueError:
        return nan
    return number if isfinite(number) and 0 <= number <= OLDEST_YEARS else nan

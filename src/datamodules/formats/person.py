"""Age and sex as numbers, from the words of a database."""

from math import isfinite, nan

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

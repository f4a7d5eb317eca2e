"""Who gave labels their values: ECGLens, another program, a hand or a formula."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from ..records import Reader

ECGLENS, TABLE, DATA_SET, COMPUTED = "ecglens", "table", "data_set", "computed"
# Each maker of labels in the words of a report; a reader's `labels_by` names them.
MAKERS: Mapping[str, str] = {
    ECGLENS: "measured by ECGLens",
    "12sl": "measured by 12SL",
    "recorder": "reported by the electrocardiograph",
    "hand": "marked by hand",
    "exact": "exact by construction",
    "report": "stated in the report of the ECG",
    DATA_SET: "given with the data set",
    TABLE: "given in a table of the user",
    COMPUTED: "computed by a class of the user",
}
# How one value is named: only what is exact is called true.
VALUES: Mapping[str, str] = {
    ECGLENS: "measured {} (by ECGLens)",
    "12sl": "measured {} (by 12SL)",
    "recorder": "reported {} (by the electrocardiograph)",
    "hand": "{} by hand",
    "exact": "true {}",
}


def maker_of(reader: Reader, label: str) -> str:
    """Maker of a label that came with the ECGs of this reader.

    `labels_by` of the reader has makers by patterns of names; the first that fits decides, and a
    reader need not have it.
    """
    patterns: Mapping[str, str] = getattr(reader, "labels_by", {})
    return next((who for like, who in patterns.items() if fnmatchcase(label, like)), DATA_SET)


def maker_words(makers: Mapping[str, int]) -> str:
    """Makers of a label in words, from their numbers of ECGs: numbers only where several are."""
    most_first = sorted(makers.items(), key=lambda item: -item[1])
    if len(most_first) == 1:
        return MAKERS[most_first[0][0]]
    return ", ".join(f"{MAKERS[who]} (n = {count})" for who, count in most_first)


def value_words(value: str, makers: Mapping[str, int]) -> str:
    """One value of a label, named for what it is; "label" where its maker cannot be told."""
    [*known] = makers
    form = VALUES.get(known[0], "label {}") if len(known) == 1 else "label {}"
    return form.format(value)

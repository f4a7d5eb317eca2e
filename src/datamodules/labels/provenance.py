"""Makers of labels: ECGLens, another program, a person or a formula."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from ..records import Reader

ECGLENS, TABLE, DATA_SET, COMPUTED = "ecglens", "table", "data_set", "computed"
# Makers of labels in the words of a report; `labels_by` of a reader names them.
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
# Words for one value: only an exact one is called true.
VALUES: Mapping[str, str] = {
    ECGLENS: "ECGLens measured {}",
    "12sl": "12SL measured {}",
    "recorder": "the electrocardiograph reported {}",
    "hand": "{} by hand",
    "exact": "true {}",
}


def maker_of(reader: Reader, label: str) -> str:
    """Maker of a label that came with the ECGs of this reader.

    `labels_by` of the reader, if it has one, maps patterns of label names to makers; the first
    pattern that fits decides. Raises ValueError for a maker that is not in MAKERS.
    """
    patterns: Mapping[str, str] = getattr(reader, "labels_by", {})
    who = next((who for like, who in patterns.items() if fnmatchcase(label, like)), DATA_SET)
    if who not in MAKERS:
        raise ValueError(
            f"expected in labels_by of {type(reader).__name__} a maker of {', '.join(MAKERS)}; "
            f"got {who!r} for {label}"
        )
    return who


def maker_words(makers: Mapping[str, int]) -> str:
    """Makers of a label in words, with their numbers of ECGs if there are several."""
    most_first = sorted(makers.items(), key=lambda item: -item[1])
    if len(most_first) == 1:
        return MAKERS[most_first[0][0]]
    return ", ".join(f"{MAKERS[who]} (n = {count})" for who, count in most_first)


def value_words(value: str, makers: Mapping[str, int]) -> str:
    """Words for one value of a label; "label" if its maker is not known."""
    [*known] = makers
    form = VALUES.get(known[0], "label {}") if len(known) == 1 else "label {}"
    return form.format(value)

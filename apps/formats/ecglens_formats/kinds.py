"""Which reader reads a file: by its ending, DICOM also by its mark, XML by its first element.

No package that reads such a file is imported here.
"""

import re
from pathlib import Path

from ecglens.datamodules import FileKinds

# Readers of XML by the name of its first element.
ELEMENTS = {"AnnotatedECG": "aecg", "RestingECG": "muse", "restingecgdata": "philips"}
ELEMENT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_]\w*)")
UNSEEN = re.compile(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>]*>", re.DOTALL)
ENDINGS = {".dcm": "dicom", ".wfdb": "wfdb_archive"}
BEGINNING = 2**16  # bytes in which the first element is expected
DICOM_AT, DICOM = 128, b"DICM"  # place and text of the mark of a DICOM file (PS3.10)


def reader_of(file: Path) -> str:
    """Name of the data set whose reader reads this file; "" for other files."""
    ending = file.suffix.lower()
    if ending == ".xml":
        return ELEMENTS.get(_first_element(file), "")
    if ending in ENDINGS:
        return ENDINGS[ending]
    with file.open("rb") as content:
        start = content.read(DICOM_AT + len(DICOM))
    return "dicom" if start[DICOM_AT:] == DICOM else ""


def _first_element(file: Path) -> str:
    with file.open("rb") as content:
        start = content.read(BEGINNING)
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = UNSEEN.sub("", start.decode("utf-16" if wide else "utf-8", errors="replace"))
    found = ELEMENT.search(text)
    return found[1] if found else ""


RECORDERS = FileKinds(
    "WFDB archives (.wfdb), DICOM (.dcm), XML of aECG, MUSE or Philips", reader_of
)

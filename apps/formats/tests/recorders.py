"""Whole ECGs in the format of each recorder, and what can be wrong with such a file."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from tests.datamodules.broken import EXACT, Damage, Source, edited
from tests.datamodules.wfdb_records import write_record

from .test_muse import File as MuseFile

DATA = Path(__file__).parent / "data"
# XML that unpacks to 10^9 words, and XML that reads another file.
BOMB = "<!DOCTYPE x [<!ENTITY a 'lollollollol'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
FOREIGN = "<!DOCTYPE x [<!ENTITY i SYSTEM 'file:///etc/hostname'>"


def muse(folder: Path, name: str) -> None:
    (folder / f"{name}.xml").write_text(str(MuseFile()), "latin-1")


def archive(folder: Path, name: str) -> None:
    with TemporaryDirectory() as place, ZipFile(folder / f"{name}.wfdb", "w") as content:
        header = write_record(Path(place), name, EXACT.T / 1000)
        content.write(header, header.name)
        content.write(header.with_suffix(".dat"), f"{name}.dat", ZIP_DEFLATED)


def copied(sample: str) -> Callable[[Path, str], Any]:
    source = DATA / sample
    return lambda folder, name: shutil.copyfile(source, folder / f"{name}{source.suffix}")


def bombed(declared: str, named: str) -> Damage:
    """The file with entities, of which one stands for a word in it."""

    def damage(file: Path) -> None:
        text = file.read_text("latin-1")
        at = text.find("?>") + 2 if "?>" in text else 0
        body = text[text.index("<", text.index("]>") + 2 if "]>" in text else at) :]
        while body.startswith(("<!", "<?")):
            body = body[body.index(">") + 1 :].lstrip()
        end = body.index(">") + 1
        file.write_text(f"{declared}]>{body[:end]}<z>&{named};</z>{body[end:]}", "latin-1")

    return damage


XML = {"an entity bomb": bombed(BOMB, "i"), "another file in it": bombed(FOREIGN, "i")}


SOURCES: Mapping[str, Source] = {
    "muse": Source(
        muse,
        "{}.xml",
        XML
        | {
            "an unknown unit": edited("MICROVOLTS", "FURLONGS"),
            "a negative rate": edited("<SampleBase>500", "<SampleBase>-500"),
            "a lead of another name": edited("<LeadID>V3<", "<LeadID>X<"),
            "a factor that is NaN": edited(">4.88<", ">nan<"),
            "a factor that is infinite": edited(">4.88<", ">inf<"),
            "a factor of 1e9": edited(">4.88<", ">1e9<"),
        },
    ),
    "philips": Source(copied("philips/2020-5-18_15-48-11.xml"), "{}.xml", XML),
    "aecg": Source(copied("aecg/Example.xml"), "{}.xml", XML),
    "dicom": Source(copied("dicom/waveform_ecg.dcm"), "{}.dcm"),
    "wfdb_archive": Source(archive, "{}.wfdb"),
}

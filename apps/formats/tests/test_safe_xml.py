"""XML of unknown origin: what is refused, and what real files may have."""

from pathlib import Path

import pytest
from ecglens_formats.embedded import number, read_xml, text

BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;">]><RestingECG><x>&c;</x></RestingECG>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<RestingECG><x>&a;</x></RestingECG>"""


@pytest.mark.parametrize("content", [BOMB, OUTSIDE])
def test_entities_are_refused_with_one_clear_line(content: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb.xml"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"expected XML without entities in bomb\.xml") as refusal:
        read_xml(file, "RestingECG")
    assert "\n" not in str(refusal.value)


def test_a_document_type_alone_is_read_and_nothing_is_fetched_for_it(tmp_path: Path) -> None:
    file = tmp_path / "muse.xml"
    file.write_bytes(
        '<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE RestingECG SYSTEM "restecg.dtd">'
        "<RestingECG><Name>Jørgen</Name></RestingECG>".encode("latin-1")
    )
    assert text(read_xml(file, "RestingECG"), "Name") == "Jørgen"


@pytest.mark.parametrize("content", [b"", b"<a><b></a>", bytes(range(256)), b"\xff\xfe<\x00a"])
def test_what_is_no_xml_is_a_damaged_file(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "1.xml"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"readable 1\.xml, got a damaged one"):
        read_xml(file, "a")


def test_another_document_is_named(tmp_path: Path) -> None:
    file = tmp_path / "1.xml"
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    with pytest.raises(ValueError, match=r"expected <RestingECG> in 1\.xml, got <svg>"):
        read_xml(file, "RestingECG")


def test_words_that_are_no_number_are_none() -> None:
    values = [number(words) for words in (None, "", "Failed", "inf", "1e999", "12.5")]
    assert [str(value) for value in values] == ["nan"] * 5 + ["12.5"]

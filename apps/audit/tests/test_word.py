"""The document has what the page has, in the word processor's own tables, and names nobody."""

import re
from dataclasses import replace
from html import unescape
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from ecglens_audit import audit
from ecglens_audit.word import word_of

from .conftest import ranking, write


@pytest.fixture(scope="module")
def pack(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit(run, tmp_path_factory.mktemp("word")).parent


def letters_of(document) -> str:
    """Its text without spaces, in the order of its blocks."""
    return "".join(
        "".join(each.text or "" for each in document.element.body.iter(qn("w:t"))).split()
    )


def test_it_has_every_word_of_the_sheets_in_their_order(pack):
    sheets = (pack / "audit.html").read_text("utf-8").split('<section class="sheet">', 1)[1]
    shown = re.sub(r"<[^>]+>", "", sheets.rsplit("</section>", 1)[0])
    letters = letters_of(docx.Document(str(pack / "audit.docx")))
    assert len(letters) > 5000
    assert letters == "".join(unescape(shown).split())


def test_tables_have_headings_that_are_repeated_and_all_their_cells(pack):
    document = docx.Document(str(pack / "audit.docx"))
    (tests,) = (each for each in document.tables if each.cell(0, 0).text == "Method")
    repeated = [bool(row._tr.xpath("w:trPr/w:tblHeader")) for row in tests.rows]
    assert repeated == [True, *[False] * (len(repeated) - 1)]
    assert tests.cell(1, 0).text == "Saliency"
    assert all(row.cells[1].text for row in tests.rows)


def test_what_is_yours_is_a_field_of_its_own_in_italics(pack):
    document = docx.Document(str(pack / "audit.docx"))
    fields = [row.cells[0] for each in document.tables for row in each.rows]
    (use,) = (each for each in fields if each.text.startswith("Intended use"))
    assert "yours to write" in use.text
    assert all(run.italic for run in use.paragraphs[0].runs)


def test_the_same_page_has_the_same_bytes(pack):
    page = (pack / "audit.html").read_text("utf-8")
    assert word_of(page) == (pack / "audit.docx").read_bytes()


def test_each_sheet_begins_a_page_and_spaces_are_kept_once():
    page = """<section class="sheet"><h2>One</h2><p>a  <b>bold</b>\n <em>so</em> on</p></section>
    <section class="sheet"><h2>Two</h2><dl><dt>Name</dt><dd>said</dd></dl>
    <ul><li>first</li></ul></section>"""
    document = docx.Document(BytesIO(word_of(page)))
    texts = [each.text for each in document.paragraphs]
    assert texts == ["One", "a bold so on", "Two", "", "first"]
    breaks = [each.paragraph_format.page_break_before for each in document.paragraphs]
    assert [place for place, each in enumerate(breaks) if each] == [2]
    assert [run.bold for run in document.paragraphs[1].runs] == [None, True, None, None, None]
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["Name", "said"]
    assert document.paragraphs[4].style == document.styles["List Bullet"]


def test_names_of_ecgs_that_stay_are_not_in_it(tmp_path):
    found = ranking(0, ("saliency",))
    data = {**found.about.data, "may_leave_machine": False, "excluded": [["jones-1950", "flat"]]}
    private = replace(found, about=replace(found.about, data=data))
    page = audit(write(tmp_path / "run", {"default": private}), tmp_path / "pack")
    letters = letters_of(docx.Document(str(page.parent / "audit.docx")))
    assert not re.search(r"jones|ecg-\d", letters)

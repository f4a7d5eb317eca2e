"""The page of the pack as a document that a word processor opens, to be filled in."""

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Words
from docx.oxml import OxmlElement
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from lxml import html

SOFT = RGBColor(0x5C, 0x5F, 0x66)  # of the page: what is blank, or the reader's to write
FONT, POINTS = "Arial", {"Normal": 8.5, "Heading 1": 16, "Heading 2": 11.5, "Heading 3": 9.5}
A4, MARGIN = (Mm(210), Mm(297)), Mm(14)
NOTE = 7.5  # points: captions, notes, numbers of files, and tables, which have up to nine columns
# Of the width: a name and what is said of it; a file's number, its name and its hash.
FACTS, FILES = (0.32, 0.68), (0.06, 0.74, 0.2)


def word_of(page: str) -> bytes:
    """The sheets of the rendered page as .docx, each beginning a page; the same bytes each time.

    Headings, paragraphs, lists and tables are the word processor's own. Links stay in the page.
    """
    words = _empty()
    for place, sheet in enumerate(html.fromstring(page).xpath('//section[@class="sheet"]')):
        before = len(words.paragraphs)
        _add(words, sheet)  # a heading first
        words.paragraphs[before].paragraph_format.page_break_before = place > 0
    written, same = BytesIO(), BytesIO()
    words.save(written)
    with ZipFile(written) as parts, ZipFile(same, "w") as fixed:
        for part in parts.infolist():  # each has the time at which it was written
            fixed.writestr(ZipInfo(part.filename), parts.read(part), ZIP_DEFLATED)
    return same.getvalue()


def _empty() -> Words:
    words = Document()
    for name, points in POINTS.items():
        style = words.styles[name]
        style.font.name, style.font.size = FONT, Pt(points)  # pyright: ignore[reportAttributeAccessIssue]
        for theme in [name for name in style.element.rPr.rFonts.attrib if name.endswith("Theme")]:
            del style.element.rPr.rFonts.attrib[theme]  # it would have the last word
        style.font.color.rgb = RGBColor(0, 0, 0)  # pyright: ignore[reportAttributeAccessIssue]
        style.paragraph_format.space_after = Pt(3)  # pyright: ignore[reportAttributeAccessIssue]
    (section,) = words.sections
    section.page_width, section.page_height = A4
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    return words


def _add(words: Words, node: html.HtmlElement) -> None:
    """The blocks below a node, in their order."""
    for each in node:
        kind, classes = each.tag, (each.get("class") or "").split()
        if kind in ("h1", "h2", "h3"):
            words.add_heading(" ".join(each.text_content().split()), int(kind[1]))
        elif kind == "dl":
            pairs = zip(each.findall("dt"), each.findall("dd"), strict=True)
            _table(words, [*pairs], shares=FACTS)
        elif kind == "ul":
            for item in each:
                _fill(words.add_paragraph(style="List Bullet"), item)
        elif kind == "table":
            if (caption := each.find("caption")) is not None:
                _fill(words.add_paragraph(), caption, NOTE)
            rows = [row.xpath("th|td") for row in each.iter("tr")]
            _table(words, rows, FILES if "files" in classes else None)
        elif "fields" in classes:
            _table(words, [(field,) for field in each])
        elif kind == "p":
            _fill(words.add_paragraph(), each, NOTE if "note" in classes else None)
        else:
            _add(words, each)


def _table(words: Words, rows: list, shares: tuple[float, ...] | None = None) -> None:
    """A ruled table; a row of headings is repeated on each page that the table reaches."""
    rows = [row for row in rows if len(row)]
    table = words.add_table(0, max(map(len, rows)), "Table Grid")
    for column, share in zip(table.columns, shares or (), strict=False):
        column.width = Emu(int(share * (A4[0] - 2 * MARGIN)))
    for row in rows:
        line = table.add_row()
        for cell, node in zip(line.cells, row, strict=False):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            _fill(paragraph, node, NOTE, bold=node.tag in ("th", "dt"))
        if all(node.tag == "th" for node in row):
            line._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    words.add_paragraph().paragraph_format.space_after = Pt(0)


def _fill(
    paragraph: Paragraph, node: html.HtmlElement, points: float | None = None, bold: bool = False
) -> None:
    """The text below a node with its emphasis."""
    for text, marks in _pieces(node, frozenset(["bold"] * bold)):
        run = paragraph.add_run(text)
        run.bold, run.italic = "bold" in marks or None, "italic" in marks or None
        if "soft" in marks:
            run.font.color.rgb = SOFT
        if points:
            run.font.size = Pt(points)


def _pieces(node: html.HtmlElement, marks: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Pieces of text in their order, each with what marks it."""
    classes = set((node.get("class") or "").split())
    marks |= {"strong": {"bold"}, "b": {"bold"}, "em": {"italic"}}.get(node.tag, set())
    marks |= {"italic", "soft"} if classes & {"blank", "yours"} else set()
    if node.text:
        yield _spaced(node.text), marks
    for each in node:
        yield from _pieces(each, marks)
        if each.tail:
            yield _spaced(each.tail), marks


def _spaced(text: str) -> str:
    """The text with one space where there are several, also at its ends."""
    return " ".join(f"|{text}|".split())[1:-1]

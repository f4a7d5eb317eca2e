"""Sections that installed packages add to a page."""

from pathlib import Path

import pytest
from ecglens.report import Pseudonyms, write_report
from ecglens_paper.figures import Form, offered, write_figure

from ..test_registry import install
from .conftest import build

SECTION = """
from dataclasses import dataclass
import pandas as pd
from ecglens.report import Section
from ecglens.report.figures import quiet
from ecglens.store import write_text
from markupsafe import Markup
from matplotlib.figure import Figure

@dataclass(frozen=True)
class Hello(Section):
    heading = "Greetings"
    note = "To the reader."
    key: str
    names: tuple[str, ...]
    title = "Hello"

    @property
    def tables(self):
        return {"records": pd.DataFrame({"record": self.names})}

    def drawn(self):
        figure = Figure(figsize=(3, 2), layout="constrained")
        figure.add_subplot().plot([0, 1])
        return {"wave": figure}

    def caption(self, figure):
        return "A line."

    def write(self, folder):
        write_text(folder / f"{self.key}.txt", ", ".join(self.names))

    def html(self, *, beside):
        return Markup("<p>{} ECGs, {}</p>").format(len(self.names), beside)

def sections(findings):
    return [Hello("hello", each.about.records) for each in findings if each.curves]
"""


@pytest.fixture
def greetings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that adds a section is installed."""
    install(tmp_path, "greetings_section", SECTION, POINTS)
    monkeypatch.syspath_prepend(tmp_path)


POINTS = "[ecglens.sections]\nhello = greetings_section:sections\n"


@pytest.mark.usefixtures("greetings")
def test_a_section_of_an_installed_package_is_on_the_page_with_its_files(tmp_path: Path) -> None:
    page = write_report([build(methods=("saliency",))], tmp_path / "run").read_text("utf-8")
    assert "<h2>Greetings</h2>" in page
    assert page.index("<p>24 ECGs, True</p>") > page.index('id="hello">')
    assert (tmp_path / "run" / "hello.txt").read_text().startswith("ecg-0, ecg-1")
    run = offered([build(methods=("saliency",))], Pseudonyms())
    assert run.found(["wave", "records"]) == (["hello-wave"], ["hello-records"])
    drawn, *_ = write_figure(run, "hello-wave", tmp_path, Form(("svg",)))
    assert drawn.is_file()


@pytest.mark.usefixtures("greetings")
def test_a_section_is_given_pseudonyms_of_ecgs_that_may_not_leave(tmp_path: Path) -> None:
    patients = tuple(f"jones-{n}" for n in range(24))
    private = build(methods=("saliency",), records=patients, may_leave_machine=False)
    names = Pseudonyms()
    write_report([private], tmp_path / "run", names)
    said = (tmp_path / "run" / "hello.txt").read_text()
    assert "jones" not in said
    assert names.of("deepfake", "jones-1") in said

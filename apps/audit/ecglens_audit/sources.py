"""A finished run, opened for an audit, and the files that its numbers are read from."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from ecglens.eval import (
    FINDING,
    Answer,
    Finding,
    answers_of,
    decides,
    each_network,
    grouped,
    load_finding,
    main_finding,
)
from ecglens.jobs import folders_in, in_order, names_of
from ecglens.report import shareable
from ecglens.store import checksums
from ecglens_paper import MethodsSection, methods_sections

NOT_TESTED, YOURS = "not tested", "yours to write"
Source = tuple[str, str, str]  # an evaluation, a file of its finding, a key in it


@dataclass(frozen=True)
class Cell:
    """A text with the places that its numbers were read from; without a text, `blank` says why.

    `cited` are numbers of the list of files, `where` their names and keys.
    """

    text: str = ""
    cited: tuple[int, ...] = ()
    where: str = ""
    blank: str = NOT_TESTED


UNTESTED, TO_WRITE = Cell(), Cell(blank=YOURS)
# Its name, what it says, and what the writer has to add: "" for nothing, YOURS for all of it.
Row = tuple[str, Cell, str]


@dataclass
class File:
    """A file of the run that was cited; of several networks or jobs, all that have its part."""

    number: int
    paths: tuple[Path, ...]
    keys: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Run:
    """The findings of a run with their folders, under pseudonyms where ECGs may not leave."""

    folder: Path
    places: tuple[Path, ...]
    findings: tuple[Finding, ...]
    files: dict[str, File] = field(default_factory=dict)

    @cached_property
    def made(self) -> list[Finding]:
        """Findings with numbers."""
        return [each for each in self.findings if not each.reason]

    @cached_property
    def answer(self) -> Answer | None:
        """Which maps may be used; None without a ranking. ValueError for several jobs."""
        found = answers_of(self.made)
        jobs = folders_in(self.folder)
        if max(len(found), len(jobs)) > 1:
            named = ", ".join(f"{each.target.name} of {each.networks[0]}" for each in found)
            raise ValueError(
                f"expected a job of one network and target, got {max(len(found), len(jobs))}: "
                f"{named}; give the folder of one job, such as {jobs[0]}"
            )
        return found[0] if found else None

    @property
    def main(self) -> Finding:
        """The finding whose facts describe network and data."""
        return main_finding(self.made)

    @property
    def networks(self) -> list[str]:
        """Keys of the networks."""
        return [*dict.fromkeys(key for each in self.made for key in each.about.networks)]

    @cached_property
    def rankings(self) -> list[Finding]:
        """Rankings of the deciding protocols, else of any other, those of several jobs as one."""
        every = grouped([each for each in self.made if each.ranked])
        return [each for each in every if decides(each)] or every

    @property
    def singles(self) -> list[Finding]:
        """A finding for each network, by which each is described."""
        return [*each_network(self.rankings[0])] if self.rankings else [self.main]

    @cached_property
    def ladder(self) -> list[Source]:
        """Files of these: curves, and the rungs of the null ladder where there are any."""
        found = []
        for each in self.rankings:
            found.append((each.about.evaluation, "curves-*.npz", "predictions"))
            if any(curves.references for curves in each.curves):
                found.append((each.about.evaluation, "references-*.npz", "each array"))
        return found

    @cached_property
    def section(self) -> MethodsSection | None:
        """Methods text and TRIPOD+AI checklist of these networks."""
        return next(iter(methods_sections(self.made)), None)

    @cached_property
    def texts(self) -> dict[str, str]:
        """Paragraphs of the methods text by heading."""
        return dict(self.section.cited[0]) if self.section else {}

    def of(self, evaluation: str) -> list[Finding]:
        """Findings of an evaluation that were made."""
        return [each for each in self.made if each.about.evaluation == evaluation]

    def cell(self, text: str, *cited: Source) -> Cell:
        """The text with its sources; "not tested" without a text."""
        if not text:
            return UNTESTED
        found = [self._cite(*each) for each in cited]
        keys = [key for *_, key in cited]
        where = "; ".join(f"{self._words(f)}: {key}" for f, key in zip(found, keys, strict=True))
        return Cell(text, tuple(dict.fromkeys(each.number for each in found)), where)

    def fact(self, text: str, key: str) -> Cell:
        """A fact of network or data, as the first finding has it."""
        return self.cell(text, (self.main.about.evaluation, FINDING, key))

    def listed(self, beside: Path) -> Iterator[tuple[File, str, str]]:
        """Each cited file with its name in the run and its address from the folder `beside` it."""
        for each in self.files.values():
            yield each, self._words(each), quote(from_folder(beside, each.paths[0]))

    def hashes(self) -> dict[Path, str]:
        """SHA-256 of every file of the findings that were read."""
        each = ((place, checksums(place)) for place in self.places)
        return {place / name: found for place, files in each for name, found in files.items()}

    def _cite(self, evaluation: str, file: str, key: str) -> File:
        name = f"{evaluation}/{file}"
        if name not in self.files:
            pairs = zip(self.places, self.findings, strict=True)
            folders = [place for place, each in pairs if each.about.evaluation == evaluation]
            paths = tuple(path for each in folders for path in in_order(each, each.glob(file)))
            if not paths:
                raise ValueError(f"expected {file} in the finding of {evaluation}, found none")
            self.files[name] = File(len(self.files) + 1, paths)
        self.files[name].keys[key] = None
        return self.files[name]

    def _words(self, file: File) -> str:
        first = file.paths[0].relative_to(self.folder).as_posix()
        more = len(file.paths) - 1
        return f"{first} and {more} like it" if more else first


def from_folder(folder: Path, file: Path) -> str:
    """Path of a file as seen from a folder."""
    return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()


def opened(folder: Path) -> Run:
    """The run in a folder; nothing that its settings name is called.

    Raises ValueError without a finished finding, and for tables or arrays that are not what was
    saved (eval.load_finding).
    """
    names = names_of(folder)
    found = {path.parent for path in folder.rglob(f"findings/*/{FINDING}")}
    places = in_order(folder, found)
    findings = tuple(shareable(load_finding(each), names) for each in places)
    if all(each.reason for each in findings):
        raise ValueError(
            f"expected a finished run, found no finding with numbers in {folder}; run `ecglens "
            "train` or `ecglens evaluate` first"
        )
    return Run(folder, tuple(places), findings)


def methods_of(run: Run, most: int) -> Sequence[str]:
    """Methods that a form is about: those to use, best first; else the one that may become so."""
    if run.answer is not None:
        return (run.answer.use or tuple(filter(None, [run.answer.candidate])))[:most]
    tables = [each.table for each in run.made if "kind" in each.table]
    named = [name for each in tables for name in each.loc[each["kind"] == "method", "method"]]
    return [*dict.fromkeys(named)][:most]

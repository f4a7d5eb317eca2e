"""References, read from BibTeX, as a numbered list and as BibTeX."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).with_name("references.bib")
KINDS = ("article", "inproceedings", "misc")
ENTRY = re.compile(r"@(\w+)\{(\w+),\n((?:  \w+ = \{.*\},\n)+)\}")
FIELD = re.compile(r"  (\w+) = \{(.*)\},\n")


@dataclass(frozen=True)
class Reference:
    """`authors` as "Family, Given"; `where` is a journal, or a conference when `meeting`."""

    authors: tuple[str, ...]
    title: str
    year: int
    where: str = ""
    volume: str = ""
    pages: str = ""
    arxiv: str = ""
    doi: str = ""
    meeting: bool = False

    @property
    def printed(self) -> str:
        """Entry of a list of references (Vancouver)."""
        place = f";{self.volume}" * bool(self.volume) + f":{self.pages}" * bool(self.pages)
        where = " ".join(filter(None, [f"{self.where}." if self.where else "", str(self.year)]))
        found = [
            f"{_listed(self.authors)}. {self.title}. {where}{place}",
            f"arXiv:{self.arxiv}" if self.arxiv else "",
            f"doi:{self.doi}" if self.doi else "",
        ]
        return ". ".join(filter(None, found)) + "."

    def bibtex(self, key: str) -> str:
        """Entry of a .bib file; `read_bibtex` gives the same reference."""
        kind = ("inproceedings" if self.meeting else "article") if self.where else "misc"
        arxiv = {"eprint": self.arxiv, "archiveprefix": "arXiv"} if self.arxiv else {}
        fields = {
            "author": " and ".join(self.authors),
            "title": f"{{{self.title}}}",
            "booktitle" if self.meeting else "journal": self.where,
            "year": str(self.year),
            "volume": self.volume,
            "pages": self.pages.replace("–", "--"),
            "doi": self.doi,
            **arxiv,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def read_bibtex(text: str) -> dict[str, Reference]:
    """References of a .bib file by their keys.

    An entry is an article, inproceedings or misc; each field has a line of its own, of the form
    `  name = {value},`. Lines that begin with % are comments. Raises ValueError for anything else.
    """
    text = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    rest = ENTRY.sub("", text).strip()
    if rest:
        raise ValueError(
            "expected BibTeX entries with each field on a line of its own, as `  year = {2024},`, "
            f"got {rest.splitlines()[0]!r}"
        )
    return {key: _reference(kind, dict(FIELD.findall(body))) for kind, key, body in
            ENTRY.findall(text)}  # fmt: skip


def _reference(kind: str, fields: Mapping[str, str]) -> Reference:
    missing = {"author", "title", "year"} - set(fields)
    if kind not in KINDS or missing:
        raise ValueError(
            f"expected one of {', '.join(KINDS)} with author, title and year, got {kind} with "
            f"{', '.join(fields)}"
        )
    meeting = kind == "inproceedings"
    return Reference(
        authors=tuple(fields["author"].split(" and ")),
        title=fields["title"].removeprefix("{").removesuffix("}"),
        year=int(fields["year"]),
        where=fields.get("booktitle" if meeting else "journal", ""),
        volume=fields.get("volume", ""),
        pages=fields.get("pages", "").replace("--", "–"),
        arxiv=fields.get("eprint", ""),
        doi=fields.get("doi", ""),
        meeting=meeting,
    )


REFERENCES: Mapping[str, Reference] = read_bibtex(FILE.read_text(encoding="utf-8"))


@dataclass
class Citations:
    """Numbers references in the order in which they are first cited."""

    known: dict[str, Reference] = field(default_factory=lambda: {**REFERENCES})
    cited: list[str] = field(default_factory=list)

    def __call__(self, *sources: str) -> str:
        """Mark in the text, such as " [1,3]"; "" for none.

        A source is a key of references.bib, or a BibTeX entry of its own. Raises ValueError for an
        unknown key.
        """
        keys = [key for source in sources for key in self._keys(source)]
        for key in keys:
            if key not in self.cited:
                self.cited.append(key)
        numbers = sorted(self.cited.index(key) + 1 for key in keys)
        return f" [{','.join(map(str, numbers))}]" if numbers else ""

    def _keys(self, source: str) -> list[str]:
        if source in self.known:
            return [source]
        if not source.lstrip().startswith("@"):
            raise ValueError(
                f"expected a key of references.bib or a BibTeX entry to cite, got {source!r}"
            )
        own = read_bibtex(source)
        self.known |= own
        return list(own)

    @property
    def references(self) -> list[Reference]:
        """Those that were cited, in order."""
        return [self.known[key] for key in self.cited]


def bibliography(known: Mapping[str, Reference], keys: Iterable[str]) -> str:
    """A .bib file."""
    return "\n\n".join(known[key].bibtex(key) for key in keys) + "\n"


def _listed(authors: Sequence[str]) -> str:
    """Family names with initials; after six "et al."."""
    short = []
    for author in authors[:6]:
        family, _, given = author.partition(", ")
        initials = "".join(name[0] for name in given.replace("-", " ").split())
        short.append(f"{family} {initials}".strip())
    return ", ".join(short) + (", et al" if len(authors) > 6 else "")

"""References as a list and as BibTeX; a DOI stands only where it was looked up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


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
        """As it stands in a list of references (Vancouver)."""
        place = f"{self.volume}:{self.pages}" if self.pages else self.volume
        where = " ".join(filter(None, [f"{self.where}." if self.where else "", str(self.year)]))
        found = [
            f"{_listed(self.authors)}. {self.title}. {where}" + (f";{place}" if place else ""),
            f"arXiv:{self.arxiv}" if self.arxiv else "",
            f"doi:{self.doi}" if self.doi else "",
        ]
        return ". ".join(filter(None, found)) + "."

    def bibtex(self, key: str) -> str:
        """An entry of a .bib file."""
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


@dataclass
class Citations:
    """Numbers references in the order in which they are first cited."""

    known: dict[str, Reference]
    cited: list[str] = field(default_factory=list)

    def __call__(self, *keys: str) -> str:
        """The mark that stands in the text, such as " [1,3]"; "" for none."""
        for key in keys:
            if key not in self.cited:
                self.cited.append(key)
        numbers = sorted(self.cited.index(key) + 1 for key in keys)
        return f" [{','.join(map(str, numbers))}]" if numbers else ""

    @property
    def references(self) -> list[Reference]:
        """Those that were cited, in order."""
        return [self.known[key] for key in self.cited]


def bibliography(known: dict[str, Reference], keys: Iterable[str]) -> str:
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

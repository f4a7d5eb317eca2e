"""`ecglens audit`: four pages, forms, a model card and hashes of a run, for a reviewer."""

import argparse
from pathlib import Path

from ecglens.jobs import parser_of, tell, user_errors

from . import FORMS

NOTE = """files: audit.html (prints on four A4 pages), model_card.md, methods/ (TRIPOD+AI in full),
and MANIFEST with the SHA-256 of each of them and of every file of the run that was read:
  cd audit && sha256sum -c MANIFEST

exit status: 0 the pack was written, 2 no finished run of one target
"""


def main() -> None:
    """Write the pack; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped"):
        from ecglens.jobs import folders_in

        folders_in(arguments.run)  # a wrong folder is refused before anything heavy is loaded
        from .pack import audit

        forms = arguments.forms.split(",")
        tell(audit(arguments.run, arguments.to, forms).resolve())


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Write what a reviewer is handed of a finished run.", NOTE)
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="folder of a finished run")
    add("--for", dest="forms", default=",".join(FORMS), metavar="FORMS",
        help="forms to fill (default: all, %(default)s)")  # fmt: skip
    add("--to", type=Path, default=Path("audit"), help="folder to write (default: audit)")
    return parser

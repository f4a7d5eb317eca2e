"""`ecglens export`: the network of a run as one file."""

import argparse
from pathlib import Path

from ecglens.jobs import add_trust, parser_of, tell, user_errors

from . import YOURS

NOTE = """The file has the class by name, weights (safetensors), input, target, errors, the answer
on heatmaps, a data sheet where there is one, and the SHA-256 of each part. It is opened by
  ecglens explain ECG --network model.ecglens
  ecglens.load_network("model.ecglens")

exit status: 0 written, 2 wrong use
"""


def main() -> None:
    """Write the file; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped"):
        from ecglens.jobs import folders_in

        folders_in(arguments.run)  # a wrong folder is refused before anything heavy is loaded
        from .exported import export

        given = {"licence": arguments.licence, "sheet": arguments.sheet, "trust": arguments.trust}
        tell(export(arguments.run, arguments.to, **given).resolve())


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Write the network of a finished run as one file.", NOTE)
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="folder of a finished run")
    add("--to", type=Path, default=Path("model.ecglens"), metavar="FILE",
        help="file to write (default: %(default)s)")  # fmt: skip
    add("--licence", default=YOURS, help="of the weights (default: “%(default)s”)")
    add("--sheet", type=Path, metavar="JSON",
        help="data_sheet.json of `ecglens measure` (default: that of the run, if any)")  # fmt: skip
    add_trust(parser)
    return parser

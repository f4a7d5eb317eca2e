"""`ecglens explain`: one sheet per ECG file: prediction, known error, the supported heatmap.

Nothing heavy is imported before the arguments are checked, so that --help appears at once.
"""

import argparse
import sys
from pathlib import Path

from ecglens.jobs import add_trust, parser_of, user_errors

NOTE = """formats: WFDB (.hea, .wfdb), DICOM (.dcm), XML of aECG, MUSE and Philips, and columns of
numbers (.csv, .npy …), which also need --set fs_hz=500 --set unit=mV. Other readers by --reader.

exit status: 0 every ECG has a sheet, 1 some were left out (named), 2 wrong use
"""
LEFT_OUT = 1


def main() -> None:
    """Write the sheets; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; finished sheets are kept"):
        left_out = _explain(arguments)
    if left_out:
        sys.exit(LEFT_OUT)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Write a sheet for each ECG: the ECG on paper, the prediction of a network "
        "with its known error, and the heatmap that a finished run supports, if any.",
        NOTE,
    )
    parser.add_argument("records", type=Path, nargs="+", metavar="RECORD", help="file or folder")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--run", type=Path, help="folder of a finished run, for its network")
    which.add_argument(
        "--network",
        type=Path,
        metavar="YAML",
        help="network, target and input of a network that was not evaluated; no error is known, "
        "and no heatmap is shown",
    )
    parser.add_argument(
        "--method", default="", help="with --network: draw this method's map, untested as it is"
    )
    parser.add_argument(
        "--to", type=Path, default=Path("sheets"), help="folder of the sheets (default: sheets)"
    )
    parser.add_argument(
        "--reader", default="", help="name of a data set, or import path of a reader of your own"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="setting of the reader, such as fs_hz=500; may be repeated",
    )
    for name, what in (
        ("fhir", "a FHIR bundle with the reading and the PDF"),
        ("dicom", "the PDF as a DICOM file"),
    ):
        parser.add_argument(
            f"--{name}", dest="also", action="append_const", const=name, default=[],
            help=f"write {what} beside each sheet",
        )  # fmt: skip
    add_trust(parser)
    return parser


def _explain(arguments: argparse.Namespace) -> int:
    """Number of ECGs that were left out."""
    if arguments.run and arguments.method:
        raise ValueError(
            "expected --method with --network alone, got it with --run: the run decides which "
            "map is shown"
        )
    from .files import check_paths, open_files

    check_paths(arguments.records)  # before anything heavy is loaded
    if arguments.also:
        from .exchange import check_exchange

        check_exchange(arguments.also)
    from ecglens.engine import full_precision
    from ecglens.explain import find
    from ecglens.trust import find_own_modules

    from .known import known_of
    from .opened import opened_network, opened_run
    from .write import write_sheets

    settings = dict(map(setting_of, arguments.set))
    if "." in arguments.reader:  # the user's own class
        find_own_modules()
    with full_precision():
        if arguments.run:
            known = known_of(opened_run(arguments.run, arguments.trust))
        else:
            known = known_of(opened_network(arguments.network, arguments.trust))
        if arguments.method:
            known = known.drawn_by(arguments.method, find(arguments.method))
        given = open_files(arguments.records, arguments.reader, settings, known.reading)
        written = write_sheets(given, known, arguments.to, arguments.also)
    print(written.page.resolve())
    return written.left_out


def setting_of(text: str) -> tuple[str, object]:
    """Name and value of a setting, as in a yaml file; what is no yaml, as *.npy, is a text."""
    import yaml

    key, equals, value = text.partition("=")
    if not (key and equals):
        raise ValueError(f"expected --set KEY=VALUE, such as --set fs_hz=500, got {text!r}")
    try:
        return key, yaml.safe_load(value)
    except (yaml.YAMLError, ValueError):  # ValueError: a day that no month has, as 2026-13-45
        return key, value

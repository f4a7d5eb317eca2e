"""Entry point of `ecglens explain`."""

import argparse
import sys
from pathlib import Path

NOTE = """formats: WFDB (.hea), DICOM (.dcm), XML of aECG, MUSE and Philips, and columns of numbers
(.csv, .npy …), which also need --set fs_hz=500 --set unit=mV. Other readers by --reader.

exit status: 0 every ECG has a sheet, 1 some were left out (named), 2 wrong use
"""
LEFT_OUT, MISUSE = 1, 2


def main() -> None:
    """Write the sheets; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    try:
        left_out = _explain(arguments)
    except (ValueError, OSError, ImportError) as problem:
        print(f"ecglens: {' '.join(str(problem).split())}", file=sys.stderr)
        sys.exit(MISUSE)
    except KeyboardInterrupt:
        print("\nstopped; finished sheets are kept", file=sys.stderr)
        sys.exit(128 + 2)  # the shell's convention for SIGINT
    if left_out:
        sys.exit(LEFT_OUT)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=sys.argv[0],
        description="Write a sheet for each ECG: the ECG on paper, the prediction of a run's "
        "network with its known error, and the heatmap that the run supports, if any.",
        epilog=NOTE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("records", type=Path, nargs="+", metavar="RECORD", help="file or folder")
    parser.add_argument("--run", type=Path, required=True, help="folder of a finished run")
    parser.add_argument(
        "--output", type=Path, default=Path("sheets"), help="folder of the sheets (default: sheets)"
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
    return parser


def _explain(arguments: argparse.Namespace) -> int:
    """Number of ECGs that were left out."""
    from .files import opened
    from .run import opened_run
    from .sheets import write_all

    settings = dict(map(_setting, arguments.set))
    run = opened_run(arguments.run)
    given = opened(arguments.records, arguments.reader, settings, run.reading)
    return write_all(given, run, arguments.output)


def _setting(text: str) -> tuple[str, object]:
    """Name and value of a setting, as in a yaml file."""
    import yaml

    key, equals, value = text.partition("=")
    if not (key and equals):
        raise ValueError(f"expected --set KEY=VALUE, such as --set fs_hz=500, got {text!r}")
    return key, yaml.safe_load(value)

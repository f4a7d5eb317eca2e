"""`ecglens sparsity`: the shares of points that hold half of each method's maps, of a run."""

import argparse
from pathlib import Path


def main() -> None:
    """Print the table of the evaluation `sparsity`."""
    parser = argparse.ArgumentParser(prog="ecglens sparsity", description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a run with evaluation=sparsity")
    arguments = parser.parse_args()

    from ecglens.eval import load_finding  # loads torch, which --help does not need

    print(load_finding(arguments.run / "findings" / "sparsity"))

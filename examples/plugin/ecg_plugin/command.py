"""`ecglens sparsity`: the shares of points that hold half of each method's maps, of a run."""

from pathlib import Path

from ecglens.jobs import parser_of, user_errors


def main() -> None:
    """Print the table of the evaluation `sparsity`."""
    parser = parser_of(__doc__ or "", "")
    parser.add_argument("run", type=Path, help="folder of a run with evaluation=sparsity")
    arguments = parser.parse_args()

    from ecglens.eval import load_finding  # loads torch, which --help does not need

    with user_errors("sparsity: stopped"):
        print(load_finding(arguments.run / "findings" / "sparsity"))

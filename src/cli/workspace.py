"""`ecglens workspace`: the panels of a project on W&B, arranged for a team."""

import argparse
from pathlib import Path

from ..jobs import parser_of, user_errors

NOTE = """Needs `pip install '.[workspace]'` in a copy of the source and an account (`wandb login`,
or WANDB_API_KEY). The workspace is a view of the project that every member can open; it changes no
run. docs/team.md says which panel answers which question.

exit status: 0 the workspace was saved or written, 2 wrong use, no account or no answer
"""
RANKINGS = ("default", "noise_10")  # those of evaluation=perturbation


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; nothing was saved"):
        entity, mark, project = arguments.project.partition("/")
        if not (entity and mark and project) or "/" in project:
            raise ValueError(
                f"expected ENTITY/PROJECT, such as ward/ecglens, got {arguments.project}"
            )
        print(_made(entity, project, arguments))


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Arrange the panels of a project on Weights & Biases.", NOTE)
    add = parser.add_argument
    add("project", metavar="ENTITY/PROJECT", help="user or team, and project")
    add("--rankings", nargs="+", default=RANKINGS, metavar="NAME", help="evaluations with curves")
    add("--others", nargs="+", default=(), metavar="NAME", help="other evaluations, as weights")
    add("--to", type=Path, metavar="FILE", help="write the specification as JSON, send nothing")
    return parser


def _made(entity: str, project: str, arguments: argparse.Namespace) -> str:
    """Address of the saved workspace, or path of the file."""
    from ..report import save_workspace, specification, workspace
    from ..store import write_json

    built = workspace(entity, project, arguments.rankings, arguments.others)
    if arguments.to is not None:
        return str(write_json(arguments.to, specification(built)).resolve())
    return save_workspace(built)

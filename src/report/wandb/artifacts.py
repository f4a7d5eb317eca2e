"""Files that a run made or used, as artifacts with lineage."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Content:
    """Files or folders, under a name that is the same for the same content.

    `made` says that this run made them; others it has used. `kept` files do not change any more:
    W&B reads them where they are and makes no copy.
    """

    kind: str
    name: str
    paths: tuple[Path, ...]
    made: bool = True
    kept: bool = False


def log_contents(run: Any, contents: Iterable[Content]) -> None:
    """Log what the run made as its outputs, and what it used as its inputs."""
    import wandb

    for content in contents:
        artifact = wandb.Artifact(content.name, content.kind)
        policy = "immutable" if content.kept else "mutable"
        for path in content.paths:
            if path.is_dir():
                artifact.add_dir(str(path), name=path.name, policy=policy)
            else:
                artifact.add_file(str(path), name=path.name, policy=policy)
        if content.made:
            run.log_artifact(artifact)
        elif run.offline:
            # use_artifact refuses offline, where it would wait for the server; `wandb sync` sends
            # the record that it would have written.
            run._log_artifact(artifact, is_user_created=True, use_after_commit=True)
        else:
            run.use_artifact(artifact)

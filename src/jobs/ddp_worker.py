"""One process of a distributed fit: `python -m ecglens.jobs.ddp_worker JOB`, started by `fit`."""

import json
import sys
from pathlib import Path

from ..trust import find_own_modules
from .job import Job
from .networks import fit_here


def main() -> None:
    """Take part in the fit as the rank that the environment names."""
    path = Path(sys.argv[1])
    saved = json.loads(path.read_text())
    find_own_modules(saved["safe"])
    folder, word = Path(saved["folder"]), saved["trusting"]
    job = Job(saved["config"], folder, saved["group"], command="fit", trusting=word)
    fit_here(job, path.parent)


if __name__ == "__main__":
    main()

"""The site of docs/, built once for all tests that look at it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..test_docs import ROOT


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the site as `make docs` builds it: every warning of mkdocs is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    silent = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=silent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder

"""Start of the study server, without importing its packages before they are needed."""

from importlib.util import find_spec
from pathlib import Path

PACKAGES = {"fastapi": "fastapi", "uvicorn": "uvicorn", "python_multipart": "python-multipart"}


def serve(folder: Path, host: str = "127.0.0.1", port: int = 8000, address: str = "") -> None:
    """Serve the study in `folder` until Ctrl-C (web.server.serve).

    Raises ImportError that names the command to install missing packages, and ValueError for a
    folder without a study, a port in use, and an invalid address.
    """
    if missing := [name for module, name in PACKAGES.items() if find_spec(module) is None]:
        raise ImportError(
            f"expected {', '.join(missing)} to serve a study; run pip install ./apps/study"
        )
    from .web import serve as run

    run(folder, host, port, address)

"""A page on a free port of this machine, for tests that ask it as a browser does."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn
from ecglens_study.web.server import config
from starlette.applications import Starlette

WAIT_S = 20.0


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Address of the application while it is served."""
    server = uvicorn.Server(config(app, proxied=False))
    server.config.port = 0
    with closing(server.config.bind_socket()) as sock:
        thread = threading.Thread(target=server.run, args=([sock],))
        thread.start()
        until = time.monotonic() + WAIT_S
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(WAIT_S)

"""Application that shows the page: its addresses, and one line for every refused request."""

import logging
import secrets
from functools import cache
from importlib.resources import files
from typing import Any

from ecglens.report import environment
from ecglens.report.figures import png
from ecglens.store import printable
from ecglens_sheets import NOT_CLINICAL, blocks, caution_of, panel_figure, panels
from ecglens_study import LOCAL, Guard, Problem, static_files, traced
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .shown import ShownEcg
from .viewer import Viewer

LOG = logging.getLogger(__name__)
HOST = "127.0.0.1"
# A resting ECG of any format is below 2 MB; 16 MB hold half an hour of twelve leads at 200 Hz.
MOST_BYTES = 16 * 1024**2
MOST_FILES = 8  # an ECG of WFDB has two or three
OWN = {"open.css": "text/css", "open.js": "text/javascript"}
LINES = {
    400: f"Not understood: expected the file of one ECG, at most {MOST_FILES} files together.",
    413: f"Too large: expected the file of one ECG, at most {MOST_BYTES // 1024**2} MB.",
    500: "The page failed; the terminal of `ecglens open` says why.",
}
OTHERWISE = "Refused: open the address that `ecglens open` printed and choose the ECG again."


def application(viewer: Viewer, key: str, run: str) -> Starlette:
    """Page of this viewer at /KEY/ for browsers of this machine; `run` is the name of the run."""
    pages = Pages(viewer, run)
    routes = (
        ("", pages.start, "GET"),
        ("file", pages.file, "POST"),
        ("change", pages.change, "GET"),
        ("strip.png", pages.strip, "GET"),
        ("static/{name}", static, "GET"),
    )
    app = Starlette(
        routes=[
            Route(f"/{{key}}/{path}", _behind(key, do), methods=[by]) for path, do, by in routes
        ],
        exception_handlers={HTTPException: refused},
    )
    app.router.redirect_slashes = False
    app.add_middleware(Guard, hosts=LOCAL, refused=refused, most_bytes=MOST_BYTES)
    return app


def refused(request: Request, error: Exception) -> Response:
    """One line for a refused request; an error that was not foreseen goes to the terminal."""
    status = getattr(error, "status", getattr(error, "status_code", 500))
    if status == 500:
        LOG.error(traced(error))
    return Response(LINES.get(status, OTHERWISE), status, media_type="text/plain")


def _behind(key: str, do: Any) -> Any:
    """Endpoint for requests with this key in their address; Problem 404 for others."""

    async def endpoint(request: Request) -> Response:
        given = request.path_params["key"]
        if not secrets.compare_digest(given.encode(), key.encode()):
            raise Problem.of(404)
        return await do(request)

    return endpoint


class Pages:
    """Answers to requests of one page."""

    def __init__(self, viewer: Viewer, run: str) -> None:
        self._viewer, self._run = viewer, run
        templates = environment(__package__ or "", "ecglens_study.web")
        self._template = templates.get_template("open.html")

    async def start(self, request: Request) -> Response:
        """Page with the ECG that `ecg` names, else with the first of the run."""
        key = request.query_params.get("ecg", next(iter(self._viewer.choices), ""))
        return await run_in_threadpool(self._page, key)

    async def file(self, request: Request) -> Response:
        """To the page with the ECG of a form's files; the form again with a line where it fails."""
        async with request.form(max_files=MOST_FILES, max_fields=0) as form:
            given = [each for each in form.getlist("file") if isinstance(each, UploadFile)]
            files = {each.filename: await each.read() for each in given if each.filename}
        try:
            if not any(files.values()):
                raise ValueError("expected the file of an ECG, got none; choose one, or drop it")
            key = await run_in_threadpool(self._viewer.read, files)
        except ValueError as problem:
            return await run_in_threadpool(self._page, "", printable(str(problem)), 422)
        return RedirectResponse(f"./?ecg={key}", 303)

    async def change(self, request: Request) -> Response:
        """Reading and beat after the doses of the query, as JSON."""
        asked = dict(request.query_params)
        key = asked.pop("ecg", "")
        try:
            sizes = {name: float(by) for name, by in asked.items()}
            return JSONResponse(await run_in_threadpool(self._viewer.changed, key, sizes))
        except (ValueError, KeyError) as problem:
            raise Problem.of(404 if isinstance(problem, KeyError) else 422) from None

    async def strip(self, request: Request) -> Response:
        """Recorded leads under their map, for a network that reads strips; `signed=yes` or not."""
        asked = request.query_params
        signed = asked.get("signed") == "yes"
        return await run_in_threadpool(self._strip, asked.get("ecg", ""), signed)

    def _strip(self, key: str, signed: bool) -> Response:
        first = panels(self._shown(key).sheet)[0]
        return Response(png(panel_figure(first, signed=signed)), media_type="image/png")

    def _shown(self, key: str) -> ShownEcg:
        try:
            return self._viewer.shown(key)
        except KeyError:
            raise Problem.of(404) from None

    def _page(self, key: str, error: str = "", status: int = 200) -> Response:
        ecg = self._shown(key) if key else None
        page = {"run": self._run, "viewer": self._viewer, "key": key, "error": error, "ecg": ecg}
        page |= {"most": MOST_BYTES, "too_large": LINES[413], "not_clinical": NOT_CLINICAL}
        if ecg:
            page |= {"blocks": blocks(ecg.sheet, "With “Sign”"), "caution": caution_of(ecg.sheet)}
        return HTMLResponse(self._template.render(page), status)


async def static(request: Request) -> Response:
    """A file of the page, or one that it shares with the pages of studies."""
    if (name := request.path_params["name"]) not in _static():
        raise Problem.of(404)
    content, kind = _static()[name]
    return Response(content, media_type=kind)


@cache
def _static() -> dict[str, tuple[bytes, str]]:
    own = files(__package__ or "") / "static"
    return {**static_files(), **{name: ((own / name).read_bytes(), OWN[name]) for name in OWN}}

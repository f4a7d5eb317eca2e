"""Web pages of a study: FastAPI and Jinja2, one process, no build step."""

from .app import application
from .server import serve

__all__ = ["application", "serve"]

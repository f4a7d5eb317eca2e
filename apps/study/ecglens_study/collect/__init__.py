"""Collection of votes: a study is created, stored and served to its experts."""

from .create import Created, check_experts, check_new, create_from_inputs, seed_for
from .serving import serve
from .storage import ORGANISER, Refused, StudyStorage, Vote

__all__ = [
    "ORGANISER",
    "Created",
    "Refused",
    "StudyStorage",
    "Vote",
    "check_experts",
    "check_new",
    "create_from_inputs",
    "seed_for",
    "serve",
]

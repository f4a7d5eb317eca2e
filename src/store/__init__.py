"""Fingerprints, atomic writes and locks; knows nothing else."""

from .atomic import atomic_path, write_json, write_text
from .fingerprint import fingerprint
from .folder import Step, Store

__all__ = ["Step", "Store", "atomic_path", "fingerprint", "write_json", "write_text"]

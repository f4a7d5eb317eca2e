"""Published networks, written from their papers, with the names that published weights have."""

from .inception import Inception

__all__ = ["Inception"]

"""Response of a network to known changes of ECGs."""

from .doses import Changed, Dose, Marked, Unchangeable, applied, change, doses, marked

__all__ = ["Changed", "Dose", "Marked", "Unchangeable", "applied", "change", "doses", "marked"]

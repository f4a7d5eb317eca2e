"""Figures, from numbers to matplotlib."""

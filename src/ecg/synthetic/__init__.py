"""Exact ECGs: synthetic signals whose labels and marks are true by construction."""

"""Attacks on files and texts, each with a crafted file."""

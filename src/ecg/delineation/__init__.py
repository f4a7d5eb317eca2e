"""Onsets and offsets of P, QRS and T in a median beat, and the measurements they give."""

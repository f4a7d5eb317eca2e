"""Measures: one number per ECG and method, and their tables."""

"""Seasons of the benchmark: a suite that is drawn from a seed which is secret until its end."""

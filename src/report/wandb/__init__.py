"""Weights & Biases: panels, tables, ten summary values, artifacts, and a workspace for a team."""

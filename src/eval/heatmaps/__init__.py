"""Heatmaps made once and kept, the order of their points, and their beats laid over each other."""

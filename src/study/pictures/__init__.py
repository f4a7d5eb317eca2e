"""The sheets and heatmaps of a study as pictures, each drawn once."""

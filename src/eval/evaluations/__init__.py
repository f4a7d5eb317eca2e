"""Every way to measure heatmaps."""

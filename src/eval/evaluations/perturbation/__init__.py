"""What happens to the prediction when points are disturbed in a map's order."""

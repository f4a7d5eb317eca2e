"""How sure a mean, a difference or an order is."""

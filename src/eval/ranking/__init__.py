"""Curves of methods to an order, in numbers and in words."""

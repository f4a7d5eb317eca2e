"""Rules that a method puts in place of a network's own operations while it runs."""

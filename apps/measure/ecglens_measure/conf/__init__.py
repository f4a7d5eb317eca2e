"""The evaluation of this package, by its name on the command line."""

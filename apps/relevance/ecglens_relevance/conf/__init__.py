"""The evaluation of this package, and the settings of Bender 2023, by name."""

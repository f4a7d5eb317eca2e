"""Settings of Arends 2026, by name."""

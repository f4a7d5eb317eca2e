"""Settings of `ecglens prepare`."""

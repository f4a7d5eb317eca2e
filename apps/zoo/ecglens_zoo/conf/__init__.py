"""Networks of this package by name: crnn, inception, net1d, xresnet1d101 and others."""

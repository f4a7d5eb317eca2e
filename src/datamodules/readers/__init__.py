"""Readers of data sets: one class per data set or file format, one file each."""

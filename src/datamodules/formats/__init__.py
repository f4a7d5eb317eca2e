"""Parsers of file formats, without any knowledge of a data set."""

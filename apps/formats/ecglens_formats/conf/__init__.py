"""Data sets of this package, by their names on the command line: such as dicom."""

"""Data sets of this package, by their names on the command line: aecg, dicom, muse, philips."""

"""Readers of published data sets, and of the files of recorders: DICOM, aECG, MUSE, Philips."""

"""Readers of the files of recorders: DICOM, HL7 aECG, GE MUSE and Philips XML."""

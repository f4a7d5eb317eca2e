"""R peaks, aligned beats and the median beat of a record."""

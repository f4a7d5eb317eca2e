"""Words for numbers: names, units, cautions, quality and facts."""

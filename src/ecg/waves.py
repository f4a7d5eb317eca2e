"""The parts of a beat and the int8 mask that carries them beside a signal."""

# One bit a wave; PQ and ST are the segments between the waves.
WAVES = ("P", "PQ", "QRS", "ST", "T")
BIT = {name: 1 << position for position, name in enumerate(WAVES)}
# Set at the sample of each R peak; strips are folded on it.
R_PEAK = 1 << len(WAVES)

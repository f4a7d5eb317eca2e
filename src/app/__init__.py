"""The commands; the only room that knows Hydra and omegaconf."""

import os

# Threads that wait for each other sleep instead of spinning: on busy cores a training step took
# 10 CPU-ms per beat so, and 33 to 70 with spinning. It must be set before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

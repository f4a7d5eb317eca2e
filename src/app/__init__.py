"""The commands; the only room that knows Hydra and omegaconf."""

import os
import tempfile
from pathlib import Path

# Threads that wait for each other sleep instead of spinning: on busy cores a training step took
# three to seven times the CPU time with spinning. It must be set before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# On a cluster HOME may be read-only; matplotlib keeps a list of fonts there.
if not os.access(Path.home(), os.W_OK):
    os.environ.setdefault("MPLCONFIGDIR", str(Path(tempfile.gettempdir()) / "ecglens-matplotlib"))

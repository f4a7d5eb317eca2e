"""The measured comparisons, of times (`make bench`) and of intervals (`make validate`)."""

import os

# As in the application (src/jobs/__init__.py); it must be set before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

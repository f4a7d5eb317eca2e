"""The commands: words of a command line to jobs."""

from .. import jobs as jobs  # sets how threads wait, before torch is loaded

"""Files that nobody but their owner reads."""

import os


def keep_private() -> None:
    """Let nobody but their owner read the files and folders that this process makes from now on.

    Called where ECGs that may not leave this machine or experts' votes come in, and where they go
    to a page.
    """
    os.umask(0o077)

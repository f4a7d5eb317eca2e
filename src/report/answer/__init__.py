"""The top of the page: the answer, the table of methods, and what agrees."""

"""The top of the page: eval's answer in words, the table of methods, and what agrees."""

"""A page of this machine: one ECG, what a network reads from it, and what changes of it do."""

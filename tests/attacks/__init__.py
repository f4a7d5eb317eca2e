"""Attacks, each with a crafted file. README.md says against whom ECGLens guards."""

"""A plug-in for ECGLens: one file for each thing that it adds."""

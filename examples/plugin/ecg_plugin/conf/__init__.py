"""The yaml files of the plug-in, which Hydra finds beside those of ECGLens."""

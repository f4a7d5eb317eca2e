"""Whether test ECGs are too close to what a network has learnt from."""

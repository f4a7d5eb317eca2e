"""Labels of the prepared ECGs for a target, and who made them."""

"""The page on prepared ECGs."""

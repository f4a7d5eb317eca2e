"""What may leave the machine, and pseudonyms for what may not."""

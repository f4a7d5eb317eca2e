"""Published studies run again: findings in their form, with the numbers that they printed."""

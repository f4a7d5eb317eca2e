"""What relevance says by class, lead and average beat (Bender 2023)."""

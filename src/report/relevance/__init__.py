"""Relevance by class, wave, lead and average beat, drawn for a journal's page."""

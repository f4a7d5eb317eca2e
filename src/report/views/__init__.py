"""One view per finding: title, sentence, figures, captions and tables."""

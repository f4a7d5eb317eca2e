"""Where the ballots of a study lie: one SQLite file, durable before anything else is shown."""

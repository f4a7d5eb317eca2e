"""The pages of a study: FastAPI and Jinja2, one process, no build step."""

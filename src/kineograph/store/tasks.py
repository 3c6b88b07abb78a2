"""SQL TaskStore."""

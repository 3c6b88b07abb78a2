"""The client: one request over HTTP, polled to a film. Needs the core alone."""

"""store: remembers. Tasks, queue, keys, events, files."""

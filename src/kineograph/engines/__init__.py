"""engines: make. One module or package per engine; they do not know each other."""

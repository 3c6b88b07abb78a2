"""One tree of settings: file < environment < flags. Read by cli and app only."""

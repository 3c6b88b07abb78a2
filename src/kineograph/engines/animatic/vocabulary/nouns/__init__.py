"""nouns: who and what can be seen, a file a family, a row a kind."""

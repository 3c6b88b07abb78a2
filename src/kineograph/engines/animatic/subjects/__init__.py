"""subjects: who and what is seen. A family is parameters over shared geometry; a kind is a row of a table."""

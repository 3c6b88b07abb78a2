"""languages: words of other languages for phrases of the English lexicon."""

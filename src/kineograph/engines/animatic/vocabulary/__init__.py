"""vocabulary: the words the engine knows, in English and Chinese, and how they are read."""

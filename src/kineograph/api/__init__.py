"""api: speaks. One module per dialect."""

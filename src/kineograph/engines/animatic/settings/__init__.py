"""settings: where it happens. One module per setting over shared layers, weather and ground."""

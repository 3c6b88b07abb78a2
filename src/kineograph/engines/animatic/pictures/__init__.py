"""pictures: films that start from given images: living stills, first to last, reference."""

"""styles: treatments of the toned picture, one module each: `build(shot, sample, solid) -> Style`."""

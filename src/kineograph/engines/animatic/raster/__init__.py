"""raster: triangles to lit pixels. One visibility buffer, one material table, one shading kernel."""

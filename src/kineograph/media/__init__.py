"""media: handles pixels and files of pixels."""

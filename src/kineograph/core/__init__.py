"""core: what a generation is. Standard library only, no I/O."""

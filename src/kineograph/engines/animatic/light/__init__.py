"""light: one sky, one light rig, one environment for everything on the set."""

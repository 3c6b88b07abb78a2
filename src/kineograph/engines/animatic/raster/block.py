"""A block of samples as lighting works on them: planes of numbers, a constant apart in one array.

Loops over planes are so simple that they run eight samples at a time, which a loop over whole samples does not. Indices are
unsigned, because numba guards signed ones; looking things up, which cannot be done eight at a time, has loops of its own.
"""

from __future__ import annotations

import numpy as np

# Samples to a block: its planes stay in the nearest cache.
BLOCK = 256
PLANE = 272  # no power of two, or planes would share cache lines
ONE = np.uint64(1)
# From the first to the second and third plane of three.
Y, Z = np.uint64(PLANE), np.uint64(2 * PLANE)
# Planes of three: position, normal, albedo, to the eye, that mirrored, light from around, mirror image, coat's.
P, N, A, V, R, AROUND, MIRROR, COATING = (np.uint64(3 * PLANE * i) for i in range(8))
# Metres from the eye; 1 - cosine with it; cosine of normal and of eye with the key; openness; share of key light.
FAR, EDGE, KEYWARD, ACROSS, OPEN, LIT = (np.uint64(PLANE * i) for i in range(24, 30))
# What of the key comes: plainly, through, round the outline, as a glint, as the coat's.
DIRECT, LEAKED, GLOW, GLINT, COATED = (np.uint64(PLANE * i) for i in range(30, 35))
# Shares of the mirror image that are seen, of it in the surface, in the coat, in fibres, in the outermost ones; grazing.
SEEN, GLOSS, LACQUER, FIBRES, OUTER, GRAZING = (np.uint64(PLANE * i) for i in range(35, 41))
# Column and row where something is looked up, and the depth it is held against.
COLUMN, LINE, NEAR = (np.uint64(PLANE * i) for i in range(41, 44))
NUMBERS = 44 * PLANE

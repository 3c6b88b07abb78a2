"""Pictures of every kind become films that begin with them, live, and neither tear nor flicker."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.engines.animatic.pictures.album import ALBUM, PLAIN, Picture, saved
from tests.looks import bursts, flicker, moved

from kineograph.engines.animatic.pictures import first_frame, morph
from kineograph.engines.animatic.pictures.cutout import cut_out
from kineograph.engines.animatic.pictures.life import bring_to_life
from kineograph.engines.animatic.pictures.seen import look
from kineograph.engines.animatic.shot import Shot
from kineograph.media.decode import crop_to, load, load_alpha
from kineograph.media.encode import encode
from kineograph.media.poster import still, still_at

Shoot = Callable[..., Shot]
Decibels = Callable[[Picture, Picture], float]

SIZE = (256, 144)
FRAMES = 48
PROMPT = "the camera pushes in, clouds drift in the wind, the lake shimmers"
every_kind = pytest.mark.parametrize("kind", ALBUM)
FAITHFUL = 40.0  # decibels; but hard edges between colours lose more to 4:2:0 itself than to all that we do


CALM = 0.3  # levels of 255 to and fro; such films measure 0.02


def faithful(shown: Picture, unencoded: Picture, picture: Picture, decibels: Decibels) -> bool:
    """Whether a frame of the encoded film is the given picture, as far as video can show it."""
    return decibels(shown, picture) >= min(FAITHFUL, decibels(unencoded, picture) - 2.0)


def given(kind: str, folder: Path, size: tuple[int, int] = SIZE) -> Picture:
    """As it reaches the renderer: read from a file, cropped to the film."""
    path = folder / f"{kind} {size}.png"
    if not path.exists():  # reading the largest takes longest
        Image.fromarray(crop_to(load(saved(kind, folder)), *size)).save(path)
    return load(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("album")


@every_kind
def test_the_film_begins_with_the_picture(
    kind: str, folder: Path, shoot: Shoot, decibels: Decibels, tmp_path: Path
) -> None:
    size = (864, 480)
    picture = given(kind, folder, size)
    film = first_frame.build(shoot(PROMPT, size, FRAMES), picture)
    path = encode((film.frame(i) for i in range(3)), fps=Fraction(24), path=tmp_path / "a.mp4", sharp=film.sharp)
    assert faithful(still_at(path, 0), still(film.frame(0)), picture, decibels)


@every_kind
def test_the_picture_lives_without_flicker(kind: str, folder: Path, shoot: Shoot) -> None:
    film = first_frame.build(shoot(PROMPT, SIZE, FRAMES), given(kind, folder))
    luma = bursts(film, FRAMES)
    assert (moved(luma) > 2.0) == (kind not in PLAIN)
    assert max(flicker(luma)) < CALM


@every_kind
@pytest.mark.parametrize("size", [SIZE, (144, 256), (336, 144)])
def test_no_picture_is_torn_or_folded(kind: str, size: tuple[int, int], folder: Path, shoot: Shoot) -> None:
    """Neighbouring places of a frame come from neighbouring places of the picture, in the same order."""
    picture = given(kind, folder, size)
    life = bring_to_life(look(picture), shoot(PROMPT, size, FRAMES))
    for t in (0.7, 1.9):
        fields = life.at(t)
        columns = fields.dx.shape[1]
        for step in (np.diff(fields.dx, axis=1), np.diff(fields.dy, axis=0)):
            assert 1 + step.min() * columns > 0.3
            assert 1 + step.max() * columns < 2.0


@pytest.mark.parametrize("kind", ["drawing", "screenshot"])
def test_straight_lines_of_flat_pictures_stay_straight(kind: str, folder: Path, shoot: Shoot) -> None:
    fields = bring_to_life(look(given(kind, folder)), shoot("the camera pans", SIZE, FRAMES)).at(1.9)
    for moves in (fields.dx, fields.dy):
        bent = np.abs(np.diff(moves, n=2, axis=0)).max(), np.abs(np.diff(moves, n=2, axis=1)).max()
        assert max(bent) * moves.shape[1] < 0.02  # cells


PAIRS = [
    ("landscape", "street"),
    ("portrait", "screenshot"),
    ("product", "night"),
    ("drawing", "portrait"),
    ("one-colour", "landscape"),
    ("transparent", "tiny"),
    ("huge", "panorama"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_unrelated_pictures_become_each_other(
    one: str, other: str, folder: Path, shoot: Shoot, decibels: Decibels, tmp_path: Path
) -> None:
    first, last = given(one, folder), given(other, folder)
    film = morph.build(shoot("", SIZE, FRAMES), first, last)
    frames = [film.frame(index) for index in range(FRAMES)]
    steps = [np.abs(b.y.astype(int) - a.y).mean() for a, b in pairwise(frames)]
    assert max(steps) < max(sum(steps) / 8, 1.0)  # of the whole way, nowhere a jump
    assert max(flicker(bursts(film, FRAMES))) < CALM
    path = encode(frames, fps=Fraction(24), path=tmp_path / "a.mp4", sharp=film.sharp)
    assert faithful(still_at(path, 0), still(frames[0]), first, decibels)
    assert faithful(still_at(path, 1), still(frames[-1]), last, decibels)


@every_kind
def test_something_of_every_kind_can_be_cut_out_and_keeps_its_colours(kind: str, folder: Path) -> None:
    picture = load_alpha(saved(kind, folder))
    cut = cut_out(picture)
    assert cut.shape[2] == 4
    solid = cut[..., 3] > 200
    assert solid.mean() > 0.2
    there = np.unique(packed(picture[..., :3].reshape(-1, 3)))
    new = ~np.isin(packed(cut[solid][:, :3]), there)
    new &= cut[solid][:, :3].min(axis=1) < 224  # the white border of a print
    assert new.mean() < 0.1  # edges are cleaned of their background


def packed(colours: Picture) -> NDArray[np.intp]:
    """Coarse colours as numbers."""
    return (colours >> 5).astype(np.intp) @ np.array([64, 8, 1])

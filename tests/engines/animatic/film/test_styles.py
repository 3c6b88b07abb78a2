"""Styles: each another picture of the same scene, and none of them boils."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kineograph.core.request import FPS
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.film.finish import displayed
from kineograph.engines.animatic.film.marks import NORMAL, Marks, look, marks_of
from kineograph.engines.animatic.film.planes import to_planes, to_rgb
from kineograph.engines.animatic.film.styles.base import STYLES, Style, build_style
from kineograph.engines.animatic.film.styles.pixel import side_of
from kineograph.engines.animatic.film.styles.tools import luma
from kineograph.engines.animatic.stage import Stage, build_actor, build_setting
from kineograph.engines.animatic.vocabulary.lexicon import lexicon

F32 = NDArray[np.float32]
FRAMES = (30, 31, 32)


@cache
def scene() -> tuple[Stage, list[F32], list[Marks]]:
    """A small film, and three frames of it as styles get them."""
    shot = direct(
        compile_prompt("a red car rotating on a blue background"),
        width=320,
        height=180,
        frames=240,
        seed=3,
        camera_fixed=True,
    )
    actors = [build_actor(placement, shot) for placement in shot.placements]
    stage = Stage(shot, build_setting(shot), actors)
    rgb = [displayed(stage.picture(index / FPS), shot, "product") for index in FRAMES]
    size = shot.shading_size
    marks = [marks_of([look(a.posed(i / FPS), shot.camera.at(i / FPS), size) for a in actors], size) for i in FRAMES]
    return stage, rgb, marks


@cache
def styled(name: str) -> list[F32]:
    stage, rgb, marks = scene()
    shot = replace(stage.shot, spec=replace(stage.shot.spec, style=name))
    style: Style | None = build_style(shot, rgb[0], marks[0].subject)
    assert style is not None
    return [style.paint(p.copy(), m, i / FPS) for p, m, i in zip(rgb, marks, FRAMES, strict=True)]


def small(picture: F32, size: tuple[int, int]) -> F32:
    """(h, w, 3), averaged."""
    return np.dstack([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in picture])


def calm(picture: F32) -> F32:
    """Luma in 8-bit levels as it is watched, at shading size: finer than 1.2 pixels nobody sees flicker."""
    grey = cv2.resize(luma(np.clip(picture, 0, 1)), scene()[0].shot.shading_size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(grey * 255, (0, 0), 1.2), np.float32)


def test_every_style_of_the_vocabulary_is_there() -> None:
    said = {m.value for found in lexicon().phrases().values() for m in found if m.slot == "style"}
    assert said == {*STYLES, "cinematic"}


@pytest.mark.parametrize("name", STYLES)
def test_a_style_changes_the_picture_and_keeps_what_is_in_it(name: str) -> None:
    source, out = scene()[1][0], styled(name)[0]
    assert np.isfinite(out).all()
    if name != "pixel":  # which is squares, as large as the film stage makes them
        assert out.shape == source.shape
        assert np.abs(out - source).mean() > 0.02
    grey = [luma(small(picture, (16, 9)).transpose(2, 0, 1)).ravel() for picture in (source, out)]
    assert np.corrcoef(*grey)[0, 1] > 0.5


@pytest.mark.parametrize("name", [name for name in STYLES if name != "vintage"])  # whose projector is meant to weave
def test_a_style_is_as_calm_as_the_film_under_it(name: str) -> None:
    source, out = [calm(p) for p in scene()[1]], [calm(p) for p in styled(name)]
    still, moved, drawn = [], [], []
    for at in (1, 2):
        change, treated = np.abs(source[at] - source[at - 1]), np.abs(out[at] - out[at - 1])
        still.append(treated[change < 1].mean())
        moved.append(change.mean())
        drawn.append(treated.mean())
    assert np.mean(still) <= (0.35 if name == "pixel" else 0.3)  # a square of pixel art changes as a whole
    assert np.mean(drawn) <= 1.3 * np.mean(moved)


def test_pixel_art_is_squares_of_few_colours() -> None:
    """As crisp in the film as in the style: every square is of one value, edge to edge."""
    out, shot = styled("pixel")[0], scene()[0].shot
    assert len(np.unique(out.reshape(3, -1), axis=1).T) <= 20
    frame = Stage(replace(shot, spec=replace(shot.spec, style="pixel")), scene()[0]._setting, scene()[0]._actors).frame(
        5
    )
    for plane, side in ((frame.y, side_of(shot)), (frame.u, side_of(shot) // 2), (frame.v, side_of(shot) // 2)):
        rows, columns = plane.shape[0] // side * side, plane.shape[1] // side * side
        squares = plane[:rows, :columns].reshape(rows // side, side, columns // side, side)
        assert (squares == squares[:, :1, :, :1]).all()


def test_paper_is_cut_in_sheets_that_are_told_apart() -> None:
    """Steps of lightness from sheet to sheet, and more than one hue."""
    stage, rgb, marks = scene()
    style = build_style(replace(stage.shot, spec=replace(stage.shot.spec, style="paper-cut")), rgb[0], marks[0].subject)
    colours = style.colours  # type: ignore[union-attr]  # PaperCut's own
    steps = np.diff(luma(np.asarray(colours.T, np.float32)))
    assert (steps < -0.06).all()
    share = colours / colours.sum(1, keepdims=True)
    assert np.ptp(share, axis=0).max() > 0.06


def test_ink_keeps_black_black_and_white_white() -> None:
    """Whatever the haze: the darkest of a subject gets the blackest wash, its lightest is paper."""
    stage, rgb, marks = scene()
    solid = marks[0].subject > 0.5
    hazy = np.asarray(rgb[0] * 0.35 + 0.5, np.float32)
    shot = replace(stage.shot, spec=replace(stage.shot.spec, style="ink-wash"))
    style = build_style(shot, hazy, marks[0].subject)
    assert style is not None
    drawn = luma(style.paint(hazy.copy(), marks[0], 0.0))[solid]
    low, high = np.quantile(drawn, (0.05, 0.95))
    assert low < 0.35
    assert high > 0.75


def test_styles_differ_from_each_other() -> None:
    pictures = [small(styled(name)[0], (32, 18)) for name in STYLES]
    for at, one in enumerate(pictures):
        for other in pictures[at + 1 :]:
            assert np.abs(one - other).mean() > 0.02


def test_the_marks_are_where_the_subject_is() -> None:
    stage, _, marks = scene()
    subject = marks[0].sheet > 0
    assert 0.05 < marks[0].subject.mean() < 0.7
    assert np.array_equal(marks[0].subject[marks[0].box] > 0, marks[0].pixels(subject.astype(np.float32)) > 0)
    assert np.allclose(np.linalg.norm(marks[0].normal[subject].astype(float), axis=1), NORMAL, atol=5)
    assert (marks[0].nearness[subject] > 0).all()
    depth = 1 / np.median(marks[0].nearness[subject])
    assert abs(depth - stage.shot.placements[0].z) < 3


def test_planes_come_back_as_they_were() -> None:
    rgb = scene()[1][0]
    again = to_rgb(*to_planes(rgb))
    assert np.abs(again - rgb).mean() < 0.01


def test_a_styled_film_ends_in_the_film_stage() -> None:
    stage = scene()[0]
    shot = replace(stage.shot, spec=replace(stage.shot.spec, style="noir"))
    frame = Stage(shot, stage._setting, stage._actors).frame(5)
    assert frame.y.shape == (180, 320)
    assert abs(frame.u.astype(int) - 128).max() < 12  # black and white


def test_what_is_moved_by_hand_is_shown_twelve_times_a_second() -> None:
    """Every painting twice, unless the camera sweeps; watercolour and film move with every frame."""
    stage = scene()[0]
    films = {}
    for name, camera in (("clay", "static"), ("watercolour", "static"), ("clay", "pan")):
        spec = replace(stage.shot.spec, style=name)
        moving = replace(stage.shot.camera, end=replace(stage.shot.camera.end, pan=3.0 if camera == "pan" else 0.0))
        films[name, camera] = Stage(replace(stage.shot, spec=spec, camera=moving), stage._setting, stage._actors)
    held = {key: np.array_equal(film.frame(30).y, film.frame(31).y) for key, film in films.items()}
    assert held == {("clay", "static"): True, ("watercolour", "static"): False, ("clay", "pan"): False}
    assert not np.array_equal(films["clay", "static"].frame(31).y, films["clay", "static"].frame(32).y)

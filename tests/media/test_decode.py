import contextlib
import io
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from kineograph.core.errors import ImageError
from kineograph.media.decode import crop_to, load, load_alpha


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """Smooth colours, brighter at the upper left, so that turning it is noticed."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    red = 230 - 180 * columns / width
    green = 210 - 150 * rows / height
    blue = 60 + 60 * columns / width
    return Image.fromarray(np.stack((red, green, blue), axis=2).astype(np.uint8))


def saved(image: Image.Image, path: Path, format: str, **options: object) -> Path:
    image.save(path, format, **options)
    return path


def close(shown: np.ndarray, expected: Image.Image, within: float = 6.0) -> bool:
    wanted = np.asarray(expected.convert("RGB"), np.float32)
    return shown.shape == wanted.shape and float(np.abs(shown - wanted).mean()) < within


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "HEIF"])
def test_every_format_is_read(tmp_path: Path, format: str) -> None:
    pillow_heif.register_heif_opener()
    pixels = load(saved(scene(), tmp_path / "wrong.suffix", format))
    assert pixels.dtype == np.uint8
    assert close(pixels, scene())


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "I;16", "I", "F", "LAB", "YCbCr"])
def test_every_colour_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    grey = np.asarray(scene().convert("L"), np.float32) / 255
    image = {
        "I;16": lambda: Image.fromarray((grey * 65535).astype(np.uint16)),
        "I": lambda: Image.fromarray((grey * 65535).astype(np.int32)),
        "F": lambda: Image.fromarray(grey),
        "P": lambda: scene().quantize(256, dither=Image.Dither.NONE),
        "LAB": lambda: ImageCms.applyTransform(
            scene(),
            ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"),
        ),
    }.get(mode, lambda: scene().convert(mode))()
    assert image.mode == mode
    pixels = load(saved(image, tmp_path / "a", "TIFF"))
    expected = scene().convert("L") if mode in ("1", "L", "I;16", "I", "F") else scene()
    if mode == "1":  # dithered: right on average
        assert abs(pixels.mean() - np.asarray(expected).mean()) < 6
    else:
        assert close(pixels, expected, 8)


def test_sixteen_bit_png_keeps_its_tones(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (32, 1))
    pixels = load(saved(Image.fromarray(ramp), tmp_path / "a", "PNG"))
    assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_sixteen_bit_colour_png_is_read(tmp_path: Path) -> None:
    values = np.zeros((32, 32, 3), ">u2")
    values[...] = (65535, 32768, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    path = tmp_path / "a"
    path.write_bytes(png_of(struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0), zlib.compress(rows)))
    assert np.abs(load(path)[0, 0].astype(int) - (255, 128, 0)).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(tmp_path: Path, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = scene().transpose(undo[orientation]) if orientation in undo else scene()
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert close(load(saved(stored, tmp_path / "a", "JPEG", exif=exif, quality=95)), scene())


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_transparent_parts_are_over_white_or_kept(tmp_path: Path, format: str) -> None:
    image = scene().convert("RGBA")
    image.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, 96).astype(np.uint8), (64, 1))))
    options = {"lossless": True} if format == "WEBP" else {}
    path = saved(image, tmp_path / "a", format, **options)
    flat = load(path)
    assert flat[:, 0].min() == 255
    assert np.abs(flat[:, -1].astype(int) - np.asarray(scene())[:, -1]).max() <= 1
    kept = load_alpha(path)
    assert kept.shape == (64, 96, 4)
    assert (kept[0, 0, 3], kept[0, -1, 3]) == (0, 255)


def test_palettes_with_a_transparent_colour_are_over_white(tmp_path: Path) -> None:
    image = Image.new("P", (32, 32), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(1, (0, 0, 16, 32))
    pixels = load(saved(image, tmp_path / "a", "GIF", transparency=0))
    assert tuple(pixels[0, 0]) == (200, 100, 50)
    assert tuple(pixels[0, 31]) == (255, 255, 255)


def test_opaque_alpha_is_no_alpha(tmp_path: Path) -> None:
    assert load_alpha(saved(scene().convert("RGBA"), tmp_path / "a", "PNG")).shape == (64, 96, 3)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_is_its_first_frame(tmp_path: Path, format: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("#c82814", "#1428c8")]
    options: dict[str, object] = {"lossless": True} if format == "WEBP" else {}
    frames[0].save(tmp_path / "a", format, save_all=True, append_images=frames[1:], **options)
    assert np.abs(load(tmp_path / "a")[0, 0].astype(int) - (200, 40, 20)).max() <= 2


def profile(gamma_of: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(gamma_of)).tobytes()


def test_another_colour_space_is_converted_to_srgb(tmp_path: Path) -> None:
    # The sRGB profile with red and green swapped: a picture tagged with it must come out with the two swapped.
    data = bytearray(profile("sRGB"))
    tags = {bytes(data[at : at + 4]): at for at in range(132, 132 + 12 * struct.unpack(">I", data[128:132])[0], 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    data[red + 4 : red + 12], data[green + 4 : green + 12] = data[green + 4 : green + 12], data[red + 4 : red + 12]
    image = Image.new("RGB", (32, 32), (200, 40, 60))
    pixels = load(saved(image, tmp_path / "a", "PNG", icc_profile=bytes(data)))
    assert np.abs(pixels[0, 0].astype(int) - (40, 200, 60)).max() <= 3


@pytest.mark.parametrize("broken", [b"nonsense", b"\0" * 200, profile("LAB")])
def test_a_broken_or_alien_colour_profile_is_ignored(tmp_path: Path, broken: bytes) -> None:
    assert close(load(saved(scene(), tmp_path / "a", "PNG", icc_profile=broken)), scene())


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "HEIF"])
def test_a_picture_cut_short_is_refused(tmp_path: Path, format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (128, 128, 3), np.uint8)
    path = saved(Image.fromarray(noise), tmp_path / "a", format)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ImageError) as caught:
        load(path)
    assert caught.value.reason == "image_invalid"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_mangled_pictures_never_raise_anything_else(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    path = tmp_path / "a"
    for format in ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "HEIF"):
        whole = np.frombuffer(saved(scene(48, 32), path, format).read_bytes(), np.uint8)
        for _ in range(60):
            mangled = whole.copy()
            where = rng.integers(4, len(mangled), rng.integers(1, 12))
            mangled[where] = rng.integers(0, 256, len(where))
            path.write_bytes(mangled.tobytes())
            with contextlib.suppress(ImageError):
                assert load(path).shape[2] == 3


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<!-- x --><svg/>", "SVG"),
        (b"  <!DOCTYPE html><html></html>", "a web page"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "no image we can read"),
        (b"P6 20 20 255\n" + b"\0" * 1200, "no image we can read"),
        (b"8BPS" + b"\0" * 40, "no image we can read"),
    ],
)
def test_what_we_do_not_take_is_named(tmp_path: Path, data: bytes, named: str) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ImageError, match=named) as caught:
        load(tmp_path / "a.png")
    assert caught.value.reason == "image_invalid"


def png_of(header: bytes, data: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bomb(side: int) -> bytes:
    """A small PNG of side × side black pixels, one bit each."""
    packer = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return png_of(struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0), data)


def test_a_small_png_of_900_megapixels_is_refused_fast(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bomb(30_000))
    assert (tmp_path / "a").stat().st_size < 120_000
    began = time.process_time()
    with pytest.raises(ImageError, match="100 megapixels") as caught:
        load(tmp_path / "a")
    assert caught.value.reason == "image_too_large"
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize("side", [10_001, 13_000])
def test_just_over_100_megapixels_is_refused_too(tmp_path: Path, side: int) -> None:
    (tmp_path / "a").write_bytes(bomb(side))
    with pytest.raises(ImageError, match="100 megapixels"):
        load(tmp_path / "a")


@pytest.mark.parametrize("size", [(15, 400), (400, 15), (1, 1)])
def test_pictures_with_a_side_under_16_pixels_are_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match="at least 16") as caught:
        load(saved(Image.new("RGB", size), tmp_path / "a", "PNG"))
    assert caught.value.reason == "image_too_small"


def test_16_pixels_are_enough(tmp_path: Path) -> None:
    assert load(saved(Image.new("RGB", (16, 16)), tmp_path / "a", "PNG")).shape == (16, 16, 3)


def test_a_crop_of_the_same_size_changes_nothing() -> None:
    pixels = np.asarray(scene())
    assert crop_to(pixels, 96, 64) is pixels


@pytest.mark.parametrize(("width", "height"), [(200, 100), (100, 200), (100, 100)])
def test_a_crop_is_centred_and_fills_the_frame(width: int, height: int) -> None:
    rows, columns = np.mgrid[:400, :600]
    pixels = np.stack((columns * 255 / 599, rows * 255 / 399, rows * 0 + 90), axis=2).astype(np.uint8)
    shown = crop_to(pixels, width, height).astype(float)
    assert shown.shape == (height, width, 3)
    scale = min(600 / width, 400 / height)
    left, top = (600 - width * scale) / 2, (400 - height * scale) / 2
    assert abs(shown[height // 2, 0, 0] - (left + scale / 2) * 255 / 600) < 3
    assert abs(shown[height // 2, -1, 0] - (600 - left - scale / 2) * 255 / 600) < 3
    assert abs(shown[0, width // 2, 1] - (top + scale / 2) * 255 / 400) < 3


def test_extreme_ratios_are_cropped_too() -> None:
    assert crop_to(np.full((16, 4000, 3), 77, np.uint8), 480, 864).shape == (864, 480, 3)
    assert crop_to(np.full((4000, 16, 3), 77, np.uint8), 960, 416).mean() == 77


def test_the_same_bytes_give_the_same_pixels_in_another_process(tmp_path: Path) -> None:
    path = saved(scene(), tmp_path / "a", "JPEG")
    script = """
import hashlib, sys
from pathlib import Path
from kineograph.media.decode import crop_to, load
print(hashlib.sha256(crop_to(load(Path(sys.argv[1])), 64, 36).tobytes()).hexdigest())
"""
    runs = [
        subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert len(io.StringIO(runs[0]).read().strip()) == 64

"""Decode a stranger's picture safely, into upright sRGB pixels; crop it to a film's size."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from kineograph.core.errors import ImageError
from kineograph.media.images import SIDE_MIN, name_of, sniff

RGB = NDArray[np.uint8]  # (height, width, 3), sRGB
RGBA = NDArray[np.uint8]  # (height, width, 4), sRGB, straight alpha

PIXELS_MAX = 100_000_000  # CONTRACT §1.1

# Pillow's names of the formats in media/images.py. Only these decoders ever see a stranger's bytes.
_DECODERS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "HEIF")
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# What Pillow's decoders raise on hostile bytes, as seen when fuzzing them and in its issue tracker.
_BROKEN: tuple[type[Exception], ...] = (
    OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError, ZeroDivisionError,
    AttributeError, RuntimeError, MemoryError, struct.error, zlib.error,
)  # fmt: skip

pillow_heif.register_heif_opener()
# Pillow only warns up to twice its limit; we want the limit to be the limit.
Image.MAX_IMAGE_PIXELS = PIXELS_MAX
warnings.simplefilter("error", Image.DecompressionBombWarning)
# A stranger's odd metadata is not worth a line in our log.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def load(path: Path) -> RGB:
    """Pixels of a picture: upright, sRGB, transparent parts over white, the first frame of an animated one.

    Raises:
        ImageError: `image_invalid` (no image, or a broken one), `image_too_large` (> 100 megapixels), `image_too_small`.
    """
    pixels = load_alpha(path)
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    over = (pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return over.astype(np.uint8)


def load_alpha(path: Path) -> RGB | RGBA:
    """Like `load`, but transparency is kept: four channels where the picture has any that is not opaque."""
    try:
        with Image.open(_readable(path), formats=_DECODERS) as image:
            _check_size(image.size)
            image.load()
            return _pixels(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many() from error
    except _BROKEN as error:
        raise ImageError(
            "the image is broken or cut short; send it again, or another", reason="image_invalid"
        ) from error


def measure(data: bytes) -> tuple[int, int]:
    """Width and height of a picture by its header, not yet turned upright: nothing is decoded. Raises ImageError."""
    try:
        with Image.open(io.BytesIO(data), formats=_DECODERS) as image:
            _check_size(image.size)
            return image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many() from error
    except _BROKEN as error:
        raise ImageError("the image is broken or cut short; send another", reason="image_invalid") from error


def crop_to(image: RGB, width: int, height: int) -> RGB:
    """The centred part of this shape, scaled to it: full width of a picture that is too tall, full height of one too wide.

    Exact where nothing is to be scaled: a picture of the film's size comes back pixel for pixel. CONTRACT §2.
    """
    rows, columns = image.shape[:2]
    if (columns, rows) == (width, height):
        return image
    scale = min(columns / width, rows / height)
    left, top = (columns - width * scale) / 2, (rows - height * scale) / 2
    box = (left, top, left + width * scale, top + height * scale)
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS, box=box)
    return np.asarray(resized)


def _readable(path: Path) -> io.BytesIO:
    """The bytes, if they look like a format we take. In memory: at most 30 MB, and decoders may seek as they like."""
    data = path.read_bytes()
    if sniff(data) is None:
        raise ImageError(
            f"this is {name_of(data)}; send JPEG, PNG, WebP, BMP, TIFF, GIF or HEIC", reason="image_invalid"
        )
    return io.BytesIO(data)


def _check_size(size: tuple[int, int]) -> None:
    """Bounds on the header's word, before a pixel is decoded."""
    width, height = size
    if width * height > PIXELS_MAX:
        raise _too_many()
    if min(width, height) < SIDE_MIN:
        raise ImageError(
            f"the image is {width}×{height}; both sides must have at least {SIDE_MIN} pixels", reason="image_too_small"
        )


def _too_many() -> ImageError:
    return ImageError("the image has more than 100 megapixels; scale it down", reason="image_too_large")


def _pixels(image: Image.Image) -> RGB | RGBA:
    """Decoded image to upright sRGB."""
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "1":
        upright = upright.convert("L")
    if upright.mode.startswith(("I", "F")):
        upright = _eight_bits(upright)
    transparent = upright.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in upright.info
    alpha = np.asarray(upright.convert("RGBA"))[..., 3] if transparent else None
    colour = np.asarray(_to_srgb(upright, profile))
    if alpha is None or alpha.min() == 255:
        return colour
    return np.dstack((colour, alpha))


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit and floating grey to 8 bits, by the range its numbers are in."""
    values = np.nan_to_num(np.asarray(image, np.float32))
    top = 1.0 if image.mode == "F" and values.max() <= 1 else 65535.0
    if image.mode in ("I", "F") and 1 < values.max() <= 255:
        top = 255.0
    return Image.fromarray((np.clip(values / top, 0, 1) * 255 + 0.5).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB by the picture's own colour profile; as it is where it has none or a broken one."""
    if image.mode not in ("RGB", "CMYK", "L", "LAB"):
        image = image.convert("RGB")
    if profile:
        try:
            converted = ImageCms.profileToProfile(image, io.BytesIO(profile), _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, ValueError, OSError, TypeError):
            converted = None  # such profiles are common and every viewer ignores them
        if converted is not None:
            return converted
    if image.mode == "LAB":
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        transform = ImageCms.buildTransform(lab, _SRGB, "LAB", "RGB")
        return ImageCms.applyTransform(image, transform) or image
    return image.convert("RGB")

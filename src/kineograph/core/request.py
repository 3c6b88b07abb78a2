"""What a caller asks for, in one shape whatever the dialect: VideoRequest, and the sizes a film can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kineograph.core.simulation import Simulation

FPS = 24  # frames per second; Seedance 1.0 knows no other (CONTRACT §2.1)
SEED_MAX = 2**32 - 1
PROMPT_MAX = 32_768  # characters, on every face
PRIORITY = 5  # of a request that names none
PRIORITY_MAX = 9
EXPIRES_MIN, EXPIRES_MAX = 3600, 259_200  # seconds from its creation that a task may be given (CONTRACT §2)
DELAY_MAX = 7 * 86_400  # seconds; a start may be put off for a week

NATIVE, ARK, OPENAI = DIALECTS = ("native", "ark", "openai")  # the wire contracts a request can come in
EXPIRED = "expired"  # the reason of a task that was not finished in the time it had

ADAPTIVE = "adaptive"  # the offered ratio nearest to the first image's; settled by the worker, which sees the image

# (resolution, aspect ratio) -> (width, height) in pixels. Source: Seedance 1.0's published table, CONTRACT §2.1.
SIZES: Mapping[tuple[str, str], tuple[int, int]] = {
    ("480p", "16:9"): (864, 480),
    ("480p", "4:3"): (736, 544),
    ("480p", "1:1"): (640, 640),
    ("480p", "3:4"): (544, 736),
    ("480p", "9:16"): (480, 864),
    ("480p", "21:9"): (960, 416),
    ("720p", "16:9"): (1248, 704),
    ("720p", "4:3"): (1120, 832),
    ("720p", "1:1"): (960, 960),
    ("720p", "3:4"): (832, 1120),
    ("720p", "9:16"): (704, 1248),
    ("720p", "21:9"): (1504, 640),
    ("1080p", "16:9"): (1920, 1088),
    ("1080p", "4:3"): (1664, 1248),
    ("1080p", "1:1"): (1440, 1440),
    ("1080p", "3:4"): (1248, 1664),
    ("1080p", "9:16"): (1088, 1920),
    ("1080p", "21:9"): (2176, 928),
}
RESOLUTIONS = ("480p", "720p", "1080p")
ASPECT_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")


class Role(StrEnum):
    """What an image is for."""

    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class ImageInput:
    """One image of a request.

    Attributes:
        role: What it is for.
        source: `http(s)://…` to be fetched by the worker, or `file:NAME`, a name in our own file store
            (uploads and decoded data URIs). Never the bytes: rows and tickets hold references only.
    """

    role: Role
    source: str


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """A generation, as asked. Wire words end here: every dialect parses into this.

    Attributes:
        model: Public name in the catalogue.
        prompt: Not blank, at most PROMPT_MAX characters.
        seed: 0…SEED_MAX, already drawn: -1 and absent are settled on arrival.
        duration: Seconds.
        aspect_ratio: One of ASPECT_RATIOS, or ADAPTIVE.
        resolution: One of RESOLUTIONS.
        images: At most one per role.
        negative_prompt: What should not be seen. Never refused.
        camera_fixed: The camera does not move.
        watermark: "AI generated", lower right.
        return_last_frame: Keep the last frame as PNG, without the watermark.
        callback_url: Exact URL, told of every status change, or of the end.
        callback_events: `all` or `terminal`.
        webhook: Base URL, told of the end at `<webhook>/callback`.
        metadata: The caller's own words, at most 16 keys.
        ignored: Names of request fields nobody understood.
        priority: 0…9; of a key's waiting tasks the highest is made first.
        start_at: Unix seconds before which it is not started.
        frame_count: Frames the film has exactly, where it is not whole seconds; `duration` then holds `seconds_of` them.
        flex: No hurry, half the price.
        expires_after: Seconds after its creation at which an unfinished task fails with the reason EXPIRED.
        dialect: In whose words it was asked, one of DIALECTS: its callbacks are told in the same.
        called: The name the caller used for the model, where the catalogue has another.
        remix_of: Id of the task whose request this one repeats with other words.
        base_url: Where the caller reached us: what links in callbacks begin with. Kept only where there are any.
        simulated: What goes wrong on purpose, in the words of core/simulation.py.
    """

    model: str
    prompt: str
    seed: int
    duration: int = 5
    aspect_ratio: str = "16:9"
    resolution: str = "1080p"
    images: tuple[ImageInput, ...] = ()
    negative_prompt: str | None = None
    camera_fixed: bool = False
    watermark: bool = False
    return_last_frame: bool = False
    callback_url: str | None = None
    webhook: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    priority: int = PRIORITY
    start_at: int | None = None
    frame_count: int | None = None
    flex: bool = False
    expires_after: int | None = None
    dialect: str = NATIVE
    called: str | None = None
    remix_of: str | None = None
    callback_events: str = "all"
    base_url: str | None = None
    simulated: str | None = None

    @property
    def frames(self) -> int:
        """How many frames the film has: as asked, else exactly FPS per second."""
        return self.frame_count or FPS * self.duration

    @property
    def simulation(self) -> Simulation:
        """What goes wrong on purpose; nothing, where nothing was asked for."""
        return Simulation.of(self.simulated) if self.simulated else Simulation()

    @property
    def counted(self) -> int:
        """Seconds that limits count: none where it is simulated."""
        return 0 if self.simulated else self.duration

    def image(self, role: Role) -> ImageInput | None:
        """The image with this role, if one was sent."""
        return next((image for image in self.images if image.role is role), None)


def seconds_of(frames: int) -> int:
    """Whole seconds that a film of so many frames counts as, rounded up; one frame more is not a second (Ark's 289 are 12)."""
    return -(-(frames - 1) // FPS)


def size_of(resolution: str, aspect_ratio: str) -> tuple[int, int]:
    """Width and height in pixels of one of the eighteen sizes. KeyError for any other pair, ADAPTIVE included."""
    return SIZES[resolution, aspect_ratio]


def ratio_of(width: int, height: int) -> str:
    """The aspect ratio of one of the eighteen sizes; of any other the offered one nearest to it."""
    exact = (ratio for (_, ratio), size in SIZES.items() if size == (width, height))
    return next(exact, None) or nearest_ratio(width, height)


def nearest_ratio(width: int, height: int) -> str:
    """The offered aspect ratio nearest to a picture's, by the quotient of the two (so 2:1 is as far as 1:2)."""

    def distance(ratio: str) -> float:
        across, down = (int(part) for part in ratio.split(":"))
        quotient = (width * down) / (height * across)
        return max(quotient, 1 / quotient)

    return min(ASPECT_RATIOS, key=distance)

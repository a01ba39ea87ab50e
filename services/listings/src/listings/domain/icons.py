"""What an icon must be (product.md section 2), and how an upload becomes PNGs and WebPs.

Hostile files are expected: this runs in a process of its own with hard limits (`icon_worker`). Only what is drawn
survives; metadata, appended data and whatever else the file carries does not.
"""

import io
import warnings
from dataclasses import dataclass

import resvg_py
from chassis.errors import InvalidInput
from PIL import Image, ImageOps, UnidentifiedImageError

from listings.domain import svg

MAX_BYTES = 512 * 1024
MIN_EDGE = 64
MAX_EDGE = 2048
SIZES = (64, 128, 256, 512)
"""Edge lengths in pixels at which icons are served; those above a raster's own edge are left out."""

RASTER_FORMATS = ("PNG", "JPEG", "WEBP")
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


@dataclass(frozen=True, slots=True)
class IconImage:
    """An icon at one size. The WebP shows the very same pixels; only where a picture is transparent may its hidden
    colours differ."""

    size: int
    png: bytes
    webp: bytes


def check_size(upload: bytes) -> None:
    """Raises InvalidInput ICON_TOO_LARGE, or ICON_FORMAT for an empty file. Cheap: done before anything reads it."""
    if len(upload) > MAX_BYTES:
        raise InvalidInput("ICON_TOO_LARGE", "The file is larger than 512 KiB.", bytes=len(upload))
    if not upload:
        raise unreadable("The file is empty.")


def images_of(upload: bytes) -> list[IconImage]:
    """The upload at each size, smallest first. Raises InvalidInput."""
    check_size(upload)
    return images_of_any_length(upload)


def images_of_any_length(upload: bytes) -> list[IconImage]:
    """As `images_of`, for files made here, which may be longer than an upload. Raises InvalidInput."""
    if upload.startswith(SIGNATURES):
        return _raster_images(upload)
    return _vector_images(upload)


def unreadable(message: str = "The file is no PNG, JPEG, WebP or SVG that can be read.") -> InvalidInput:
    """The error of a file that is none of the formats, or broken."""
    return InvalidInput("ICON_FORMAT", message)


def _raster_images(upload: bytes) -> list[IconImage]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a huge image: its edges are checked before anything is decoded
        try:
            with Image.open(io.BytesIO(upload), formats=RASTER_FORMATS) as image:
                _check_edges(*image.size)
                image.verify()
            with Image.open(io.BytesIO(upload), formats=RASTER_FORMATS) as image:
                picture = ImageOps.exif_transpose(image.convert("RGBA"))
        except InvalidInput:
            raise
        except Image.DecompressionBombError:
            raise InvalidInput("ICON_SIZE", f"The edge must be {MIN_EDGE}-{MAX_EDGE} px.") from None
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError) as error:
            # Pillow's decoders raise all of these for broken files.
            raise unreadable() from error
    return [_scaled(picture, size) for size in SIZES if size <= picture.width]


def _check_edges(width: int, height: int) -> None:
    if not (MIN_EDGE <= width <= MAX_EDGE and MIN_EDGE <= height <= MAX_EDGE):
        raise InvalidInput("ICON_SIZE", f"The edge must be {MIN_EDGE}-{MAX_EDGE} px.", width=width, height=height)
    if width != height:
        raise InvalidInput("ICON_NOT_SQUARE", "The image is not square.", width=width, height=height)


def _vector_images(upload: bytes) -> list[IconImage]:
    try:
        text = svg.clean(upload)
        drawn = resvg_py.svg_to_bytes(svg_string=text, width=SIZES[-1], height=SIZES[-1], skip_system_fonts=True)
    except svg.SvgError as error:
        raise unreadable(str(error)) from error
    except svg.NotSquareError as error:
        width, height = f"{error.width:g}", f"{error.height:g}"
        raise InvalidInput("ICON_NOT_SQUARE", str(error), width=width, height=height) from error
    except ValueError as error:
        raise unreadable() from error
    with Image.open(io.BytesIO(drawn), formats=("PNG",)) as image:
        picture = image.convert("RGBA")
    return [_scaled(picture, size) for size in SIZES]


def _scaled(picture: Image.Image, size: int) -> IconImage:
    resized = picture if picture.width == size else picture.resize((size, size), Image.Resampling.LANCZOS)
    # A new image, so that no metadata of the upload can come along.
    plain = Image.new("RGBA", (size, size))
    plain.paste(resized)
    return IconImage(size, _encoded(plain, "PNG", optimize=True), _encoded(plain, "WEBP", lossless=True, quality=60))


def _encoded(picture: Image.Image, format: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, format=format, **options)
    return target.getvalue()

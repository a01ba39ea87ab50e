"""Good icons become PNGs; hostile ones are refused with a reason, and end at most the process that read them."""

import base64
import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from chassis.errors import InvalidInput
from listings.domain import icon_worker, icons
from PIL import Image, PngImagePlugin

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 24 24">{}</svg>'
RED = '<rect width="24" height="24" fill="#ff0000"/>'


def raster(format: str, width: int = 256, height: int = 256, mode: str = "RGB", **options: object) -> bytes:
    target = io.BytesIO()
    Image.new(mode, (width, height), "red").save(target, format=format, **options)
    return target.getvalue()


def opened(image: icons.IconImage) -> Image.Image:
    return Image.open(io.BytesIO(image.png), formats=("PNG",))


def assert_same_picture(image: icons.IconImage) -> None:
    """Where something is to be seen; what is transparent has no colour."""
    webp = Image.open(io.BytesIO(image.webp), formats=("WEBP",))
    assert webp.size == (image.size, image.size)
    seen, expected = webp.convert("RGBA"), opened(image).convert("RGBA")
    assert seen.convert("RGBa").tobytes() == expected.convert("RGBa").tobytes()


def refusal(upload: bytes | str) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        icon_worker.decode(upload.encode() if isinstance(upload, str) else upload)
    return refused.value


def png_claiming(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_rasters_become_pngs_of_every_size_not_above_their_own(format: str) -> None:
    images = icon_worker.decode(raster(format))
    assert [image.size for image in images] == [64, 128, 256]
    for image in images:
        picture = opened(image)
        assert (picture.format, picture.size) == ("PNG", (image.size, image.size))
        red, green, blue, alpha = picture.getpixel((image.size // 2, image.size // 2))
        assert red > 250
        assert max(green, blue) < 5
        assert alpha == 255
        assert_same_picture(image)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "I;16", "1", "LA"])
def test_every_mode_of_png_is_read(mode: str) -> None:
    picture = Image.new(mode, (64, 64))
    target = io.BytesIO()
    picture.save(target, format="PNG")
    assert [image.size for image in icon_worker.decode(target.getvalue())] == [64]


def test_svg_is_drawn_at_every_size_and_keeps_transparency() -> None:
    half = '<rect width="12" height="24" fill="#ff0000"/>'
    images = icon_worker.decode(SVG.format(half).encode())
    assert [image.size for image in images] == [64, 128, 256, 512]
    picture = opened(images[-1])
    assert picture.getpixel((100, 256)) == (255, 0, 0, 255)
    assert picture.getpixel((400, 256))[3] == 0
    for image in images:
        assert_same_picture(image)


def test_the_costliest_pictures_keep_the_limits() -> None:
    """Noise of the largest edge: nothing is harder to scale and to encode."""
    noise = Image.merge("RGB", [Image.effect_noise((2048, 2048), 100) for _ in range(3)])
    target = io.BytesIO()
    noise.save(target, format="WEBP", quality=0)
    images = icon_worker.decode(target.getvalue())
    assert [image.size for image in images] == [64, 128, 256, 512]
    for image in images:
        assert_same_picture(image)


def test_webp_is_smaller_than_png() -> None:
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="1" fill="#0a{x:x}{y:x}"/>' for x in range(10) for y in range(10))
    for image in icon_worker.decode(SVG.format(dots).encode()):
        assert len(image.webp) < len(image.png)


@pytest.mark.parametrize(
    "document",
    [
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">' + SVG.format(RED),
        "\ufeff" + SVG.format(RED),
        f'<svg xmlns="http://www.w3.org/2000/svg" width="24px" height="24px">{RED}</svg>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1em" height="1em" viewBox="0 0 24 24">{RED}</svg>',
        SVG.format('<style>.a{fill:#ff0000}</style><rect class="a" width="24" height="24"/>'),
        SVG.format(
            '<defs><linearGradient id="g"><stop stop-color="#f00"/></linearGradient></defs>'
            '<rect id="r" width="24" height="24" fill="url(#g)"/><use xlink:href="#r"/>'
        ),
        SVG.format(f'<title>Red</title><metadata xmlns:x="urn:x" x:file="C:\\me\\icon.svg">words</metadata>{RED}'),
        SVG.format(
            f'<image width="24" height="24" href="data:image/png;base64,{base64.b64encode(raster("PNG")).decode()}"/>'
        ),
    ],
)
def test_what_drawing_programs_write_is_taken(document: str) -> None:
    picture = opened(icon_worker.decode(document.encode())[0])
    assert picture.getpixel((32, 32)) == (255, 0, 0, 255)


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (b"Notes of a meeting, 3 < 4", "The file is no PNG, JPEG, WebP or SVG."),
        (b"%PDF-1.7 \xff\xfe", "The file is no PNG, JPEG, WebP or SVG."),
        (b"<html/>", "The file is no PNG, JPEG, WebP or SVG."),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "The SVG is not well-formed XML."),
        ("<svg/>".encode("utf-16"), "The SVG is not encoded in UTF-8."),
    ],
)
def test_of_svg_is_spoken_where_the_file_looks_like_one(upload: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        icon_worker.decode(upload)
    assert (caught.value.reason, caught.value.message) == ("ICON_FORMAT", said)


def test_metadata_and_appended_data_do_not_come_along() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "SECRET-AUTHOR")
    exif = Image.Exif()
    exif[0x010E] = "SECRET-EXIF"
    uploads = [
        raster("PNG", pnginfo=notes) + b"<script>SECRET-TAIL</script>PK\x03\x04",
        raster("JPEG", exif=exif, comment=b"SECRET-COMMENT") + b"SECRET-TAIL",
        raster("WEBP", exif=exif, xmp=b"SECRET-XMP"),
    ]
    for upload in uploads:
        assert b"SECRET" in upload
        for image in icon_worker.decode(upload):
            assert b"SECRET" not in image.png + image.webp
            assert not opened(image).info


def test_orientation_is_applied_before_it_is_dropped() -> None:
    picture = Image.new("RGB", (64, 64), "blue")
    picture.paste("red", (0, 0, 64, 32))
    exif = Image.Exif()
    exif[0x0112] = 3
    target = io.BytesIO()
    picture.save(target, format="PNG", exif=exif)
    assert opened(icon_worker.decode(target.getvalue())[0]).getpixel((32, 60))[:3] == (255, 0, 0)


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        (b"", "ICON_FORMAT"),
        (b"x" * (512 * 1024 + 1), "ICON_TOO_LARGE"),
        (raster("PNG", 256, 255), "ICON_NOT_SQUARE"),
        (raster("PNG", 63, 63), "ICON_SIZE"),
        (raster("JPEG", 2049, 2049), "ICON_SIZE"),
        (raster("GIF"), "ICON_FORMAT"),
        (raster("BMP", 64, 64), "ICON_FORMAT"),
        (raster("TIFF", 64, 64), "ICON_FORMAT"),
        (raster("ICO", 64, 64), "ICON_FORMAT"),
        (b"%PDF-1.7 \n%%EOF", "ICON_FORMAT"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "ICON_FORMAT"),
        (b"<html><script>alert(1)</script></html>", "ICON_FORMAT"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "ICON_FORMAT"),
        (raster("PNG")[:-40], "ICON_FORMAT"),
        (raster("JPEG")[:200], "ICON_FORMAT"),
        (raster("WEBP")[:60], "ICON_FORMAT"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 1000, "ICON_FORMAT"),
        (b"\xff\xd8\xff" + b"\x00" * 1000, "ICON_FORMAT"),
    ],
)
def test_what_is_no_icon_is_refused_with_its_reason(upload: bytes, reason: str) -> None:
    assert refusal(upload).reason == reason


def test_the_refusal_says_the_measures() -> None:
    assert refusal(raster("PNG", 256, 255)).metadata == {"width": "256", "height": "255"}
    assert refusal(b"x" * 600_000).metadata == {"bytes": "600000"}
    assert refusal('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 12"/>').reason == "ICON_NOT_SQUARE"


@pytest.mark.parametrize(
    "upload",
    [
        png_claiming(50_000, 50_000, zlib.compress(bytes(1000))),
        png_claiming(2_000_000_000, 2_000_000_000, b""),
        png_claiming(2048, 2048, zlib.compress(bytes(100_000_000), 9)),
    ],
    ids=["large", "absurd", "long data"],
)
def test_decompression_bombs_are_refused(upload: bytes) -> None:
    # The last one is square and small enough: what is beyond its pixels is never inflated.
    if struct.unpack(">I", upload[16:20])[0] == 2048:
        assert icon_worker.decode(upload)
    else:
        assert refusal(upload).reason == "ICON_SIZE"


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<rect width="24" height="24" onload="alert(1)"/>',
        '<foreignObject width="24" height="24"><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
        '<image href="file:///etc/hostname" width="24" height="24"/>',
        '<image href="http://127.0.0.1/x.png" width="24" height="24"/>',
        '<image xlink:href="../secret.png" width="24" height="24"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zy8+" width="24" height="24"/>',
        '<image href="data:text/plain;base64,PHN2Zy8+" width="24" height="24"/>',
        '<image href="DATA:image/svg+xml,x" width="24" height="24"/>',
        '<use href="other.svg#a"/>',
        '<a href="javascript:alert(1)"><rect width="24" height="24"/></a>',
        '<style>@import "http://127.0.0.1/x.css";</style>',
        "<style>@im<!-- -->port 'x.css';</style>",
        "<style>rect{fill:url(http://127.0.0.1/x.svg#a)}</style>",
        "<style>rect{fill:u\\72l(file:///etc/hostname)}</style>",
        '<rect width="24" height="24" style="fill:url( \'file:///etc/hostname\' )"/>',
        '<rect width="24" height="24" filter="url(//127.0.0.1/f#a)"/>',
        '<g xml:base="file:///etc/"/>',
        "<text>words</text>",
        "<?xml-stylesheet href='http://127.0.0.1/x.css'?>",
        "<g>" * 200 + "</g>" * 200,
        "<g/>" * 30_000,
        "<g>",
        "&undefined;",
    ],
)
def test_hostile_svg_is_refused(body: str) -> None:
    assert refusal(SVG.format(body)).reason == "ICON_FORMAT"


def test_a_local_file_is_not_drawn_whatever_its_path(tmp_path: Path) -> None:
    """The rasteriser itself would: this is what the checks are for."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(raster("PNG"))
    for path in (str(secret), secret.as_uri(), f" {secret}", f"&#x2f;{str(secret)[1:]}"):
        assert refusal(SVG.format(f'<image href="{path}" width="24" height="24"/>')).reason == "ICON_FORMAT"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE svg [<!ENTITY % p SYSTEM "http://127.0.0.1/p.dtd"> %p;]>',
        '<!DOCTYPE svg [<!ATTLIST rect onload CDATA "alert(1)">]>',
    ],
)
def test_entities_are_refused(doctype: str) -> None:
    assert refusal(doctype + SVG.format("<desc>&x;&c;</desc>" + RED)).reason == "ICON_FORMAT"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_other_encodings_are_refused(encoding: str) -> None:
    assert refusal(f"<?xml version='1.0'?>{SVG.format(RED)}é".encode(encoding)).reason == "ICON_FORMAT"


def test_a_use_bomb_ends_its_worker_and_nothing_else() -> None:
    layers = "".join(f'<g id="g{layer}">' + f'<use href="#g{layer - 1}"/>' * 10 + "</g>" for layer in range(1, 12))
    bomb = SVG.format(f'<g id="g0"><rect width="1" height="1"/></g>{layers}')
    began = time.monotonic()
    assert refusal(bomb).reason == "ICON_FORMAT"
    assert time.monotonic() - began < icon_worker.WALL_SECONDS + 2
    assert icon_worker.decode(raster("PNG"))

"""Makes an uploaded SVG safe to rasterise: what the rasteriser reads is written anew from what was checked here.

The rasteriser would open local files named in `href` (measured: an absolute path is read), so the only references
allowed are fragments of the document and raster images inside it.
"""

import math
import re
from xml.etree import ElementTree
from xml.parsers import expat

NO_IMAGE = "The file is no PNG, JPEG, WebP or SVG."
"""Of what does not even look like an SVG: whoever uploaded it may not have meant one."""
MAX_ELEMENTS = 20_000
MAX_DEPTH = 100
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = ("http://www.w3.org/1999/xlink}", "http://www.w3.org/XML/1998/namespace}")
"""Namespaces of attributes that the rasteriser reads, beside attributes without one."""

FORBIDDEN_ELEMENTS = frozenset(
    {"script", "foreignobject", "iframe", "embed", "object", "handler", "listener", "audio", "video", "text"}
)
EMBEDDED_IMAGE = re.compile(r"data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/=\s]*")
FRAGMENT = re.compile(r"\s*#[^\s]*\s*")
STYLE_REFERENCE = re.compile(r"@import|@font-face|\\|(url|src|image|image-set)\s*\(\s*(?!['\"]?\s*#)", re.IGNORECASE)
LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(px|pt|pc|mm|cm|in)?\s*")
PIXELS = {None: 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}


class SvgError(Exception):
    """The document is refused; the text says why and what to do."""


class NotSquareError(Exception):
    """The picture is not square."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__("The image is not square.")
        self.width = width
        self.height = height


def clean(upload: bytes) -> str:
    """The checked document, as square and scalable SVG text.

    Raises SvgError for scripts, references to anything outside, entities, text (there are no fonts to draw it with)
    and whatever is no SVG; NotSquareError.
    """
    try:
        text = upload.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SvgError(
            "The SVG is not encoded in UTF-8." if b"<svg" in upload.replace(b"\0", b"") else NO_IMAGE
        ) from None
    root = _Reader().read(text)
    if root.tag != f"{SVG}svg":
        raise SvgError(NO_IMAGE)
    _set_view_box(root)
    ElementTree.register_namespace("", SVG[1:-1])
    return ElementTree.tostring(root, encoding="unicode")


class _Reader:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.buffer_text = True
        self._tree = ElementTree.TreeBuilder()
        self._open: list[str] = []
        self._style: list[str] = []
        self._elements = 0

    def read(self, text: str) -> ElementTree.Element:
        try:
            self._parser.Parse(text, True)
        except (expat.ExpatError, ValueError) as error:
            raise SvgError("The SVG is not well-formed XML." if "<svg" in text else NO_IMAGE) from error
        return self._tree.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise SvgError("The SVG is too complex for an icon.")
        tag = _qualified(name)
        _check_element(tag)
        # Editors keep their own notes (paths on the author's disk among them) under namespaces of their own.
        own = {_qualified(key): value for key, value in attributes.items() if "}" not in key or key.startswith(DRAWN)}
        for key, value in own.items():
            _check_attribute(_local(key), value)
        self._open.append(_local(tag))
        self._tree.start(tag, own)

    def _end(self, name: str) -> None:
        if self._open.pop() == "style":
            sheet = "".join(self._style)
            _check_style(sheet)
            self._tree.data(sheet)
            self._style.clear()
        self._tree.end(_qualified(name))

    def _data(self, data: str) -> None:
        # Other text is drawn nowhere, since there are no text elements.
        if self._open and self._open[-1] == "style":
            self._style.append(data)

    def _doctype(self, name: str, system: str | None, public: str | None, has_internal_subset: int) -> None:
        if has_internal_subset:
            raise SvgError("The SVG declares entities or other definitions of its own; remove them from its DOCTYPE.")

    def _entity(self, *declaration: object) -> None:
        raise SvgError("The SVG declares entities; remove them.")

    def _instruction(self, target: str, data: str) -> None:
        raise SvgError("The SVG contains a processing instruction; remove it.")


def _qualified(name: str) -> str:
    return "{" + name if "}" in name else name


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _check_element(tag: str) -> None:
    name = _local(tag)
    if name == "text":
        raise SvgError("The SVG contains text; convert it to paths.")
    if name in FORBIDDEN_ELEMENTS:
        raise SvgError(f"The SVG contains a {name} element; remove it.")


def _check_attribute(name: str, value: str) -> None:
    if name.startswith("on"):
        raise SvgError(f"The SVG contains a script in {name}; remove it.")
    if name == "base":
        raise SvgError("The SVG sets xml:base; remove it.")
    if name in {"href", "src"} and not (FRAGMENT.fullmatch(value) or EMBEDDED_IMAGE.fullmatch(value)):
        raise SvgError("The SVG refers to something outside of itself; put it into the file.")
    if name not in {"href", "src"}:
        _check_style(value)


def _check_style(value: str) -> None:
    if STYLE_REFERENCE.search(value):
        raise SvgError("The styles of the SVG refer to something outside of the file; remove that.")


def _set_view_box(root: ElementTree.Element) -> None:
    stated = [_pixels(root.attrib.pop(name, None)) for name in ("width", "height")]
    width, height = (value for value in stated) if all(stated) else (None, None)
    if width is not None and height is not None:
        _require_square(width, height)
    box = root.get("viewBox")
    if box is None:
        if width is None:
            raise SvgError("The SVG has neither a viewBox nor a width and height.")
        root.set("viewBox", f"0 0 {width:g} {height:g}")
        return
    try:
        _, _, box_width, box_height = (float(part) for part in box.replace(",", " ").split())
    except ValueError:
        raise SvgError("The SVG's viewBox is not four numbers.") from None
    _require_square(box_width, box_height)


def _require_square(width: float, height: float) -> None:
    if not (math.isfinite(width) and math.isfinite(height) and 0 < width <= 1e6 and 0 < height <= 1e6):
        raise SvgError("The SVG's size is out of range.")
    if abs(width - height) > 0.001 * max(width, height):
        raise NotSquareError(width, height)


def _pixels(length: str | None) -> float | None:
    match = LENGTH.fullmatch(length or "")
    return float(match[1]) * PIXELS[match[2]] if match else None

"""A figure inside a page: SVG that a strict content policy lets through and that follows the page's dark mode."""

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from reports.figures.canvas.save import svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_COMMAND = re.compile(r" ?([A-Za-z]) ?")
_REFERENCE = re.compile(r"#([\w.-]+)")
#: CSS pixels per point: type of 8 points is read at 12 pixels.
_SCALE = 1.5


def inline_svg(ax: "Axes", *, name: str, title: str, description: str) -> str:
    """Return the figure that `ax` lies on as an ``<svg>`` element.

    Styles become presentation attributes (a page without ``unsafe-inline`` drops the others, and a style sheet can
    override these), identifiers are kept only where something refers to them and carry `name`, numbers are rounded to
    1/100 point, and a title and a description are read out in place of the lines.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(svg_text(ax, salt=name))  # noqa: S314  # our own drawing
    referred = {
        found
        for element in root.iter()
        for key, value in element.attrib.items()
        if key.endswith("href") or "url(#" in value
        for found in _REFERENCE.findall(value)
    }
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}style", f"{{{_SVG}}}metadata"):
                parent.remove(child)
    for element in root.iter():
        _clean(element, name, referred)
    width, height = (float(root.attrib[key].removesuffix("pt")) for key in ("width", "height"))
    root.attrib |= {
        "width": f"{width * _SCALE:.0f}",
        "height": f"{height * _SCALE:.0f}",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
        "stroke-linejoin": "round",
        "class": "drawn",
    }
    for tag, text in (("desc", description), ("title", title)):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{tag if tag == 'title' else 'description'}"})
        element.text = text
        root.insert(0, element)
    _unwrap(root)
    for element in root.iter():
        if element.text is None or not element.text.strip():
            element.text = None
        element.tail = None
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _clean(element: ElementTree.Element, name: str, referred: set[str]) -> None:
    attributes = element.attrib
    style = attributes.pop("style", "")
    for declaration in style.split(";"):
        key, _, value = declaration.partition(":")
        if key.strip() and key.strip() != "font-family":
            attributes[key.strip()] = value.strip()
    # The root says round for all: at the corners of cells and marks a pixel wide nobody sees the other, and every cell would say it.
    attributes.pop("stroke-linejoin", None)
    identifier = attributes.pop("id", None)
    if identifier in referred:
        attributes["id"] = f"{name}-{identifier}"
    if "rotate(-0 " in attributes.get("transform", ""):
        del attributes["transform"]
    for key, value in list(attributes.items()):
        if key.endswith("}href") and value.startswith("#"):
            attributes[key] = f"#{name}-{value[1:]}"
        elif "url(#" in value:
            attributes[key] = value.replace("url(#", f"url(#{name}-")
        elif key in ("d", "x", "y", "transform", "points", "width", "height", "viewBox"):
            attributes[key] = " ".join(
                _NUMBER.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), value).split()
            )
            if key == "d":
                attributes[key] = _COMMAND.sub(r"\1", attributes[key])
    if element.tag == f"{{{_SVG}}}text" and element.text:
        element.text = element.text.strip()


def _unwrap(root: ElementTree.Element) -> None:
    """Take out groups that carry nothing."""
    changed = True
    while changed:
        changed = False
        for parent in list(root.iter()):
            children: list[ElementTree.Element] = []
            for child in parent:
                if child.tag in (f"{{{_SVG}}}g", f"{{{_SVG}}}defs") and not child.attrib and not len(child):
                    changed = True
                elif child.tag == f"{{{_SVG}}}g" and not child.attrib:
                    children += list(child)
                    changed = True
                else:
                    children.append(child)
            parent[:] = children

"""The site: how Sphinx builds these pages. ``python -m docs`` does it; nothing here or there wants a network."""

import os
import re
import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
# What the pages run is the embsig that is documented, and never asks the hub for anything.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
os.environ.update(HF_HUB_OFFLINE="1", MPLBACKEND="Agg", COLUMNS="100", NO_COLOR="1", SOURCE_DATE_EPOCH="1735689600")

from site_parts import command_line, formats, shading  # noqa: E402  # beside this file
from site_parts.shown_table import ShownTable  # noqa: E402

project = "embsig"
author = "the embsig developers"
release = version = installed("embsig")
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.programoutput",
]
root_doc = "index"
exclude_patterns = ["_build", "examples", "gallery", "img", "ci", "accelerate", "_templates", "site_parts"]
templates_path = ["_templates"]
nitpicky = True
suppress_warnings = ["config.cache"]

# -- Markdown: headings are anchors, and a link to one that is not there is a warning
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 4

# -- the reference: from the imported names, with what their docstrings say
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
numpydoc_attributes_as_param_list = True
default_role = "code"
add_module_names = False


def _both_cases() -> dict[str, str]:
    """Files of classes whose name is a function's but for its case: not every file system keeps them apart."""
    import embsig

    names = [str(name) for name in embsig.__all__]
    lower = [name.lower() for name in names]
    twice = {name for name in names if lower.count(name.lower()) > 1 and name[0].isupper()}
    return {f"embsig.{name}": f"embsig.{name}-class" for name in sorted(twice)}


autosummary_filename_map = _both_cases()

# -- the gallery: every picture is drawn by the build
sphinx_gallery_conf = {
    "examples_dirs": ["gallery"],
    "gallery_dirs": ["pictures"],
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "image_srcset": ["2x"],
    "capture_repr": (),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 10_000,
    "write_computation_times": False,
    "abort_on_example_error": True,
    "reset_modules": ("matplotlib",),
}

# -- the pages: every file of the theme lies beside them
html_theme = "pydata_sphinx_theme"
html_title = "embsig"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_sidebars = {"start": []}  # nothing lies below it
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "embsig"},
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "search_as_you_type": False,
}
html_context = {"default_mode": "auto"}
project_copyright = "the embsig developers, Apache-2.0"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


#: Pages that show a file from beside ``docs/``.
_SHOWN = {
    "project/changelog": "CHANGELOG.md",
    "project/contributing": "CONTRIBUTING.md",
    "project/security": "SECURITY.md",
}


def _whole_pages(app: Any, name: str, source: list[str]) -> None:
    """Put the files from beside ``docs/`` where their pages are, and lead links to them there."""
    if name in _SHOWN:
        shown = (HERE.parent / _SHOWN[name]).read_text(encoding="utf-8").replace("](docs/", "](../")
        source[0] = re.sub(r"\((docs/([\w/-]+\.md))\)", r"([\1](../\2))", shown)
    if name == "reference/cli":
        source[0] = source[0].replace("```{toctree}", f"{command_line.overview()}\n```{{toctree}}\n:hidden:")
    up = "../" * name.count("/")
    for page, file in _SHOWN.items():
        source[0] = re.sub(rf"\]\((\.\./)*{re.escape(file)}", f"]({up}{page}.md", source[0])


def _together(cell: "re.Match[str]") -> str:
    """Keep numbers of a cell and their units on one line."""
    return re.sub(
        r"(?<=\d) (?=(s|ms|us|%|x|[KMG]i?B)\b|%|±)|(?<=±) (?=\d)|(?<=[<>]=) (?=\d)|(?<=&[gl]t;=) (?=\d)",
        "\N{NO-BREAK SPACE}",
        cell[0],
    )


def _finish(app: Any, page: str, template: str, context: dict[str, Any], tree: Any) -> None:  # Sphinx's call
    """Shade the tables on validity, and mend what a screen reader would stumble over: empty headings, and toggles without a name."""
    if page == "validity":
        context["body"] = shading.shaded(context["body"])
    if "body" in context:
        context["body"] = re.sub(r'<th class="head[^"]*">\s*<p></p>\s*</th>', "<td></td>", context["body"])
        context["body"] = re.sub(r"<td.*?</td>", _together, context["body"], flags=re.DOTALL)
    if tree_of := context.get("generate_toctree_html"):
        named = '<summary aria-label="what is in this part">'
        context["generate_toctree_html"] = lambda *a, **k: str(tree_of(*a, **k)).replace("<summary>", named)


def setup(app: Any) -> None:
    """Write the pages that are made from the program itself, before anything is read."""
    app.add_directive("shown-table", ShownTable)
    app.connect("source-read", _whole_pages)
    app.connect("html-page-context", _finish, priority=900)  # after the theme's own
    command_line.write(HERE / "reference" / "commands")
    formats.write(HERE / "reference" / "formats")

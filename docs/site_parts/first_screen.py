"""A real report for the landing page, and a photograph of its first screen."""

import shutil
import subprocess
import sys
from pathlib import Path

#: What the landing page's report is of; `docs/examples/README.md` says where it comes from.
SOURCE = ("examples/suite.csv",)
#: The first screen of the page, in CSS pixels.
SCREEN = {"width": 1280, "height": 800}


def make(docs: Path) -> None:
    """Write the report, and the picture of it, to what is copied to the site as it stands."""
    folder = docs / "_static" / "made"
    folder.mkdir(parents=True, exist_ok=True)
    page, picture = folder / "report.html", folder / "report.png"
    command = [sys.executable, "-m", "embsig", "report", *SOURCE, "-o", str(page)]
    subprocess.run(command, check=True, cwd=docs, stderr=subprocess.DEVNULL)  # noqa: S603  # its own arguments
    if not _photograph(page, picture):
        shutil.copy(docs / "img" / "eng-v2-top10-report.png", picture)


def _photograph(page: Path, picture: Path) -> bool:
    """Take the picture, where there are Chromium and playwright."""
    browser = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return False
    if browser is None:
        return False
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        sheet = started.new_page(viewport=SCREEN, device_scale_factor=1.25)  # type: ignore[arg-type]  # a mapping of this kind
        sheet.set_default_timeout(180_000)  # of a machine that is busy otherwise
        sheet.goto(page.resolve().as_uri())
        sheet.wait_for_selector("html[data-ready]", state="attached")
        sheet.screenshot(path=str(picture))
        started.close()
    return True

"""Make the README's pictures again: ``python docs/img/make.py mteb-results-eng.tar.zst``.

Needs the public MTEB results (an archive or a checkout of the results repository) and, for the page, Chromium and the
extra ``test``.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CHOICE = ("--benchmark", "MTEB(eng, v2)", "--top", "10")
#: The first screen of the page, in CSS pixels.
SCREEN = {"width": 1280, "height": 800}


def main(source: str) -> None:
    """Draw the diagram, and photograph the first screen of the page."""
    embsig("plot", "critical-difference", source, *CHOICE, "-o", str(HERE / "eng-v2-top10.svg"))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        embsig("report", source, *CHOICE, "-o", str(page))
        photograph(page, HERE / "eng-v2-top10-report.png")


def embsig(*arguments: str) -> None:
    """Run the command of this tree."""
    subprocess.run([sys.executable, "-m", "embsig", *arguments], check=True)  # noqa: S603 - its own arguments


def photograph(page: Path, picture: Path) -> None:
    """Write the first screen of a page as a PNG of 128 colours."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        sheet = browser.new_page(viewport=SCREEN, device_scale_factor=1.25)  # type: ignore[arg-type]  # a mapping of this kind
        sheet.goto(page.as_uri())
        sheet.wait_for_selector("html[data-ready]", state="attached")
        sheet.screenshot(path=str(picture))
        browser.close()
    Image.open(picture).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"got {len(sys.argv) - 1} arguments: expected one, an archive or a folder of MTEB results")
    main(sys.argv[1])

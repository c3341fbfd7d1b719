"""The command that writes a site of all leaderboards: site."""

from pathlib import Path
from typing import Annotated

import typer

from .terminal import progress, say, writing

commands = typer.Typer()


@commands.command(rich_help_panel="Analysis")
def site(
    source: Annotated[str, typer.Argument(help="MTEB results: a folder or an archive.", show_default=False)],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the site: a new one, or one made before.")
    ] = Path("site"),
    benchmark: Annotated[
        list[str] | None,
        typer.Option(help="Only this benchmark (repeatable).  [default: all that the source has]", show_default=False),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes at once.  [default: one per core]", show_default=False)
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where the site will stand, for its sitemap.", show_default=False)
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Then show it on 127.0.0.1, to this machine alone.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of --serve; 0 is any that is free.")] = 8000,
) -> None:
    """Write all benchmarks of MTEB results as a static site; made again, only what changed."""
    import os

    from embsig.site import make_site
    from embsig.site.serving import serve as serve_folder

    with progress("comparing") as advance, writing(output):
        made = make_site(
            source, output, benchmarks=benchmark, jobs=jobs or os.cpu_count() or 1, url=url, progress=advance
        )
    say(str(made))
    say(f"wrote {output / 'index.html'}")
    if serve:
        serve_folder(output, port, say)

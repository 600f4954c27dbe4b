"""What `make dev` adds to a site: the web part starts again when a source file changes."""

import os
import shutil
from pathlib import Path

import twite_web
from support.site_under_test import answers, wait_for


def test_a_changed_source_file_restarts_the_web_part(tmp_path, make_site):
    sources = shutil.copytree(Path(twite_web.__file__).parent, tmp_path / "sources" / "twite_web")
    site = make_site()
    site.environment["PYTHONPATH"] = os.pathsep.join((str(sources.parent), os.environ.get("PYTHONPATH", "")))
    site.start("web", options=("--reload",))
    with (sources / "app.py").open("a") as file:
        file.write("print('The changed file was read.')")

    wait_for(lambda: "The changed file was read." in site.printed(), site.printed)
    wait_for(lambda: answers(f"{site.base_url}/health"), site.printed)

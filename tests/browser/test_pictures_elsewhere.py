"""Pages of another origin, in a real browser: they draw a site's pictures and videos, and read what they drew."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from support import nginx
from support.pictures import picture
from support.site_under_test import Site, wait_for

pytestmark = [pytest.mark.needs("chromium", "ffmpeg", "nginx"), pytest.mark.once]

COLOUR = (40, 90, 160)
"""That of `pictures.picture`, and of the video."""
READ_PICTURE = """async address => {
    const picture = new Image();
    picture.crossOrigin = "anonymous";
    picture.src = address;
    await picture.decode();
    return pixel(picture, picture.naturalWidth, picture.naturalHeight);
}"""
READ_FRAME = """async address => {
    const video = document.createElement("video");
    video.crossOrigin = "anonymous";
    video.muted = true;
    video.src = address;
    await new Promise((ready, failed) => { video.onloadeddata = ready; video.onerror = () => failed(video.error); });
    video.currentTime = video.duration - 0.5;
    await new Promise(done => { video.onseeked = done; });
    // It is there before it can be drawn; until then it is black.
    for (let tries = 0; tries < 200; tries++) {
        const frame = pixel(video, video.videoWidth, video.videoHeight);
        if (frame.some(value => value)) return frame;
        await new Promise(later => setTimeout(later, 50));
    }
    return [0, 0, 0];
}"""
SHOW = """address => new Promise(done => {
    const picture = new Image();
    picture.onload = () => done(true);
    picture.onerror = () => done(false);
    picture.src = address;
})"""
PAGE = b"""<!doctype html><title>A client</title><script>
function pixel(source, width, height) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    context.drawImage(source, 0, 0);
    return [...context.getImageData(width / 2, height / 2, 1, 1).data].slice(0, 3);
}
</script>"""


class Client(BaseHTTPRequestHandler):
    """A client's page, which lets in only what says that it may be shown elsewhere."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of a client's page, on a host of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Client)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://localhost:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def site(make_shared_site: Callable[..., Site]) -> Site:
    site = make_shared_site()
    site.start("run")
    return site


@pytest.fixture(scope="module")
def shown(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The paths of what a profile and its posts show, by what it is."""
    _, token = site.make_account("ann")
    video = tmp_path_factory.mktemp("videos") / "plain.mp4"
    source = ["-f", "lavfi", "-i", "color=c=0x285aa0:s=320x240:r=10:d=4"]
    subprocess.run(["ffmpeg", "-loglevel", "error", *source, "-pix_fmt", "yuv420p", str(video)], check=True)
    with httpx.Client(base_url=site.base_url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:

        def upload(name: str, content: bytes) -> dict[str, Any]:
            made = client.post("/api/v2/media", files={"file": (name, content)}).json()

            def ready() -> Any:
                answer = client.get(f"/api/v1/media/{made['id']}")
                return answer.status_code == 200 and answer.json()

            return dict(wait_for(ready, site.printed))

        client.patch("/api/v1/accounts/update_credentials", files={"avatar": ("a.png", picture())}).raise_for_status()
        account = client.get("/api/v1/accounts/verify_credentials").json()
        still, moving = upload("a.png", picture((900, 600))), upload("a.mp4", video.read_bytes())
    found = {
        "avatar": account["avatar"],
        "header": account["header"],
        "picture": still["url"],
        "preview": still["preview_url"],
        "video": moving["url"],
        "preview of the video": moving["preview_url"],
    }
    return {name: str(address).removeprefix(site.base_url) for name, address in found.items()}


@pytest.fixture(params=["twite run", "nginx"])
def base(request: pytest.FixtureRequest, site: Site, tmp_path: Path) -> Iterator[str]:
    """Where the site answers."""
    if request.param == "twite run":
        yield site.base_url
        return
    with nginx.started(tmp_path / "nginx", [site.port], (site.settings.data / "media")) as address:
        yield address


def test_a_page_of_another_origin_draws_pictures_and_videos(
    base: str, elsewhere: str, chromium: Browser, shown: dict[str, str]
) -> None:
    page = chromium.new_page()
    page.set_default_timeout(20_000)
    page.goto(elsewhere)
    read = {
        name: page.evaluate(READ_FRAME if name == "video" else READ_PICTURE, f"{base}{path}")
        for name, path in shown.items()
    }
    displayed = {name: page.evaluate(SHOW, f"{base}{path}") for name, path in shown.items() if name != "video"}
    page.close()

    assert len(read["header"]) == 3
    for name in shown.keys() - {"header"}:
        assert all(abs(is_ - was) < 12 for is_, was in zip(read[name], COLOUR, strict=True)), (name, read[name])
    assert set(displayed.values()) == {True}


def test_a_part_of_a_video_is_sent_alone(base: str, shown: dict[str, str]) -> None:
    whole = httpx.get(f"{base}{shown['video']}")
    part = httpx.get(f"{base}{shown['video']}", headers={"Range": "bytes=100-199"})
    head = httpx.head(f"{base}{shown['video']}")
    behind = httpx.get(f"{base}{shown['video']}", headers={"Range": f"bytes={len(whole.content)}-"})
    again = httpx.get(f"{base}{shown['video']}", headers={"If-None-Match": whole.headers["etag"]})

    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert head.headers["content-length"] == str(len(whole.content))
    assert {whole.headers["accept-ranges"], head.headers["accept-ranges"]} == {"bytes"}
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
    assert (again.status_code, again.content) == (304, b"")

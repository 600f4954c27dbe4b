"""Drawing, storing and recording what the demonstration shows, before anything is written to the database."""

import io
import subprocess
import tempfile
from pathlib import Path
from shutil import which

import msgspec

from twite.demo import pictures
from twite.demo.story import Person, Shown
from twite_common.media import pictures as stored_pictures
from twite_common.media.pictures import AVATAR, HEADER, SHARE_CARD, PreparedAttachment
from twite_common.media.stored_files import StoredFiles

SECONDS = 8
"""How long a recording lasts."""


class StoredPicture(msgspec.Struct, frozen=True):
    """A picture for a post: prepared, with the names of its files."""

    prepared: PreparedAttachment
    file: str
    preview: str


def avatar(files: StoredFiles, person: Person) -> str:
    """Store somebody's picture and return its name."""
    look = person.look
    if look.emblem:
        picture = pictures.emblem(look.emblem, look.ground)
    else:
        picture = pictures.portrait(
            person.username, hair=look.hair, shirt=look.shirt, ground=look.ground, skin=look.skin, style=look.style
        )
    return files.keep(stored_pictures.prepare(pictures.encoded(picture), AVATAR))


def header(files: StoredFiles, person: Person) -> str:
    """Store the picture behind somebody's profile and return its name."""
    picture = pictures.landscape(person.username, HEADER, kind=person.look.header)
    return files.keep(stored_pictures.prepare(pictures.encoded(picture), HEADER))


def place(files: StoredFiles) -> str:
    """Store the picture that stands for the site and return its name."""
    picture = pictures.landscape("Wrenford", SHARE_CARD, kind="town")
    return files.keep(stored_pictures.prepare(pictures.encoded(picture), SHARE_CARD))


def attachment(files: StoredFiles, name: str, shown: Shown) -> StoredPicture:
    """Store a picture for a post; the same name gives the same picture."""
    if shown.thing:
        picture = pictures.still_life(name, shown.size, kind=shown.thing)
    else:
        picture = pictures.landscape(name, shown.size, kind=shown.view)
    prepared = stored_pictures.prepare_attachment(pictures.encoded(picture))
    return StoredPicture(prepared, files.keep(prepared.picture), files.keep(prepared.preview))


def emoji(files: StoredFiles, kind: str) -> tuple[str, str]:
    """Store an emoji and return the names of its two pictures, of which the second never moves."""
    picture, still = stored_pictures.prepare_emoji(pictures.encoded(pictures.emoji(kind)))
    return files.keep(picture), files.keep(still)


def recording(kind: str) -> bytes | None:
    """Return a short video of a night, or the sound of a few low notes; None where ffmpeg is missing or fails."""
    program = which("ffmpeg")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / ("written.mp4" if kind == "video" else "written.mp3")
        done = subprocess.run(  # noqa: S603 - our own command
            (program, "-loglevel", "error", *(_video(Path(folder)) if kind == "video" else _sound()), str(target)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return target.read_bytes() if done.returncode == 0 else None


def _video(folder: Path) -> list[str]:
    """Return options for a slow walk over a wide view of the night."""
    view = folder / "view.jpg"
    view.write_bytes(pictures.encoded(pictures.landscape("timelapse", (1280, 480), kind="night")))
    walk = f"crop=640:360:'(in_w-out_w)*t/{SECONDS}':'(in_h-out_h)/2',format=yuv420p"
    still = ["-loop", "1", "-framerate", "24", "-i", str(view), "-t", str(SECONDS), "-vf", walk]
    return [*still, "-c:v", "libx264", "-preset", "veryfast"]


def _sound() -> list[str]:
    """Return options for a chord of low notes that fades."""
    notes = "+".join(f"0.2*sin(2*PI*{hertz}*t)" for hertz in (73.42, 110, 146.83, 185))
    return ["-f", "lavfi", "-i", f"aevalsrc={notes}:d={SECONDS}", "-af", f"afade=t=out:st={SECONDS - 3}:d=3"]


def opened(content: bytes) -> io.BytesIO:
    """Return a file's content as what is read from."""
    return io.BytesIO(content)

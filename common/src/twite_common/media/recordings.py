"""Uploaded video, animations and audio: checked and re-encoded by ffmpeg, if it is installed.

Only formats that hold what they show are read: a playlist could name other files of this machine. ffmpeg has little to
spend of time and memory, runs behind everything else, and ends with the process that started it.
"""

import functools
import math
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import IO

import msgspec

from twite_common import disk
from twite_common.errors import Invalid, Unavailable
from twite_common.processes import resource_limits
from twite_common.translations import gettext as _
from twite_common.translations import marked

MAX_BYTES = 40 * 1024 * 1024
MAX_PIXELS = 8_294_400
MAX_SECONDS = 3600.0
MAX_WORK_PIXELS = 100_000_000_000
"""Pixels of all of a video's pictures together: half an hour of 1080p. One core takes some eight minutes for them."""
MAX_FRAMES_A_SECOND = 120.0
"""More aren't counted: some programs write a rate of 1000 into files that have no more than 30."""
MAX_FRAME_RATE = 1000.0
FIRST_CPU_SECONDS = 30
CPU_SECONDS_A_GIGAPIXEL = 30.0
"""Of what a file's header says it holds: six times what H.264 takes."""
CPU_SECONDS_A_SECOND = 0.1
"""Of sound, in the same way."""
PROBE_TIMEOUT_SECONDS = 30
CONVERT_TIMEOUT_SECONDS = 600
MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space, of which a third is really used for a video of 4K."""
MAX_OUTPUT_BYTES = 256 * 1024 * 1024
LOOK_EVERY_SECONDS = 1.0
SAID_BYTES = 16 * 1024
"""How much of what ffmpeg says is looked at: the end."""
MEDIA_TYPES = (
    *("video/mp4", "video/webm", "video/quicktime", "video/ogg"),
    *("audio/mpeg", "audio/mp3", "audio/ogg", "audio/wav", "audio/x-wav", "audio/flac", "audio/aac", "audio/mp4"),
)

MOVING_PICTURES = ("GIF", "AVIF")
"""Formats of pictures that ffmpeg reads as videos. It reads no WebP that moves; an APNG is a picture first of all."""

_FORMATS = "mov,matroska,ogg,mp3,wav,flac,aac,gif,webp_pipe,avi"
_SAFE = ("-protocol_whitelist", "file", "-format_whitelist", _FORMATS)
_QUIET = ("-hide_banner", "-loglevel", "error")
_WRONG = marked(
    "Validation failed: File isn't a supported picture, video or audio file. Please choose a JPEG, PNG, GIF, WebP, "
    "AVIF or HEIC picture, an MP4, MOV, WebM or Ogg video, or an MP3, Ogg, WAV, FLAC or AAC recording."
)
_NO_ROOM = re.compile(rb": (?:No space left on device|Disk quota exceeded)$", re.MULTILINE)
_ENDED_BY_SIGNAL = {255, 123}
"""What ffmpeg ends with when it was asked to end."""
_TOO_LARGE = re.compile(rb": File too large$", re.MULTILINE)
_TAKES_TOO_MUCH = marked("Validation failed: File takes too long to be processed")


class Unreadable(Invalid):
    """The file is nothing that ffmpeg can read."""


class Killed(Unavailable):
    """Somebody else ended ffmpeg, for want of memory for example; trying again may help."""


class Interrupted(Exception):
    """ffmpeg was ended because whoever asked for it has to stop."""


class Recording(msgspec.Struct, frozen=True):
    """What a file holds. `kind` is video or audio; sizes are in pixels, rates as ffmpeg writes them.

    `frames_a_second` is the average, which unlike `frame_rate` is right for videos whose pictures come irregularly.
    """

    kind: str
    duration_seconds: float
    bit_rate: int
    width: int = 0
    height: int = 0
    frame_rate: str = ""
    frames_a_second: float = 0.0
    audio_codec: str = ""
    audio_rate: str = ""
    audio_channels: str = ""

    @property
    def pixels(self) -> int:
        """How many pixels one of its pictures has."""
        return self.width * self.height

    @property
    def work(self) -> float:
        """How many pixels all of its pictures have together, as far as the header says."""
        return self.pixels * min(self.frames_a_second, MAX_FRAMES_A_SECOND) * self.duration_seconds


class _Container(msgspec.Struct, frozen=True):
    """What ffprobe says of a file as a whole."""

    duration: str = ""
    bit_rate: str = ""


class _Disposition(msgspec.Struct, frozen=True):
    attached_pic: int = 0


class _Stream(msgspec.Struct, frozen=True):
    """What ffprobe says of one of a file's streams, with numbers of pixels and channels only."""

    codec_type: str = ""
    codec_name: str = ""
    disposition: _Disposition = _Disposition()
    duration: str = ""
    width: int = 0
    height: int = 0
    r_frame_rate: str = ""
    avg_frame_rate: str = ""
    sample_rate: str = ""
    channel_layout: str = ""
    channels: int = 0


class _Probed(msgspec.Struct, frozen=True):
    """What ffprobe writes; it leaves out what it doesn't know."""

    format: _Container = _Container()
    streams: tuple[_Stream, ...] = ()


def available() -> bool:
    """Say whether videos and sound can be taken here."""
    return _are_found(("ffmpeg", "ffprobe"), os.environ.get("PATH"))


@functools.cache
def _are_found(programs: tuple[str, ...], path: str | None) -> bool:
    # Asked for by each app that opens the site; looking costs more than all the rest of the answer.
    return all(shutil.which(program, path=path) for program in programs)


def probe(path: Path) -> Recording:
    """Return what a file holds.

    Raises Unreadable for what is neither video nor sound, Invalid for what is too large, Unavailable when ffmpeg isn't
    installed.
    """
    options = (
        "-show_entries",
        "format=duration,bit_rate:stream=codec_type,codec_name,width,height,duration,r_frame_rate,avg_frame_rate,"
        "sample_rate,channel_layout,channels:stream_disposition=attached_pic",
        "-of",
        "json",
    )
    command = ["ffprobe", *_QUIET, *_SAFE, *options, "-i", str(path)]
    recording = _recording(msgspec.json.decode(_run(command, PROBE_TIMEOUT_SECONDS), type=_Probed))
    if recording.pixels > MAX_PIXELS or recording.duration_seconds > MAX_SECONDS or recording.work > MAX_WORK_PIXELS:
        raise Invalid(_("Validation failed: File is too long or its frames are too large"))
    if recording.frames_a_second > MAX_FRAME_RATE:
        raise Invalid(_("Validation failed: File has too many frames per second"))
    return recording


def convert(
    source: Path, recording: Recording, kind: str, target: Path, *, goes_on: Callable[[], bool] = lambda: True
) -> None:
    """Write a file anew, as MP4 or MP3 without any metadata; `kind` is video, gifv (without sound) or audio.

    `recording` is what it holds by its own words; the time that it may take goes by these, so that who lies has little.
    `goes_on` is asked every second; when it says no, ffmpeg is ended and Interrupted raised. Raises Invalid when the
    file can't be read or takes too much, Full when the disk is, Killed when somebody ended ffmpeg, Unavailable when
    ffmpeg isn't installed.
    """
    picture = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p")
    even = ("-vf", "scale=trunc(min(1920\\,iw)/2)*2:-2")
    sound = ("-map", "0:a:0?", "-c:a", "aac", "-b:a", "128k")
    # A capital V is no picture of a cover, which may stand before the video and be of any size.
    outputs = {
        "video": ("-map", "0:V:0", *sound, *picture, *even, "-movflags", "+faststart", "-f", "mp4"),
        "gifv": ("-map", "0:v:0", "-an", *picture, *even, "-movflags", "+faststart", "-f", "mp4"),
        "audio": ("-map", "0:a:0", "-vn", "-c:a", "libmp3lame", "-q:a", "2", "-f", "mp3"),
    }
    # One thread each to read and to write: more take much more memory, and the others have something to do, too.
    threads = ("-threads", "1", "-filter_threads", "1")
    command = [
        "ffmpeg",
        *_QUIET,
        "-nostdin",
        "-y",
        *threads,
        *_SAFE,
        "-i",
        str(source),
        "-map_metadata",
        "-1",
        *threads,
    ]
    longest = ("-t", str(MAX_SECONDS), "-frames:v", str(int(MAX_WORK_PIXELS / max(recording.pixels, 1))))
    cpu_seconds = min(
        CONVERT_TIMEOUT_SECONDS,
        FIRST_CPU_SECONDS
        + math.ceil(recording.work / 1e9 * CPU_SECONDS_A_GIGAPIXEL + recording.duration_seconds * CPU_SECONDS_A_SECOND),
    )
    _run([*command, *longest, *outputs[kind], str(target)], CONVERT_TIMEOUT_SECONDS, goes_on, cpu_seconds)


def first_picture(source: Path, target: Path) -> None:
    """Write a video's first picture as PNG. Raises Invalid when it has none."""
    command = ["ffmpeg", *_QUIET, "-nostdin", "-y", *_SAFE, "-i", str(source), "-map", "0:v:0", "-frames:v", "1"]
    _run([*command, "-f", "image2", "-c:v", "png", str(target)], PROBE_TIMEOUT_SECONDS)


def meta(recording: Recording) -> dict[str, object]:
    """Return what clients are told of a recording, in the API's words."""
    minutes, seconds = divmod(recording.duration_seconds, 60)
    duration = round(recording.duration_seconds, 3)
    details: dict[str, object] = {
        "length": f"{int(minutes // 60)}:{int(minutes % 60):02}:{seconds:05.2f}",
        "duration": duration,
    }
    if recording.audio_codec:
        details |= {
            "audio_encode": recording.audio_codec,
            "audio_bitrate": f"{recording.audio_rate} Hz",
            "audio_channels": recording.audio_channels,
        }
    original: dict[str, object] = {"duration": duration, "bitrate": recording.bit_rate}
    if recording.kind == "video":
        size = {"width": recording.width, "height": recording.height}
        details |= {
            **size,
            "size": f"{recording.width}x{recording.height}",
            "aspect": round(recording.width / max(recording.height, 1), 4),
            "fps": round(_frames_a_second(recording.frame_rate)),
        }
        original |= {**size, "frame_rate": recording.frame_rate}
    return {**details, "original": original}


def _recording(probed: _Probed) -> Recording:
    video, sound = _first_stream(probed, "video"), _first_stream(probed, "audio")
    if not video.codec_type and not sound.codec_type:
        raise Unreadable(_(_WRONG))
    return Recording(
        kind=video.codec_type or sound.codec_type,
        # Of what moves in an AVIF file, say, the file as a whole knows no duration.
        duration_seconds=max(_seconds(part.duration) for part in (probed.format, video, sound)),
        bit_rate=int(probed.format.bit_rate or 0),
        width=video.width,
        height=video.height,
        frame_rate=video.r_frame_rate,
        frames_a_second=_frames_a_second(video.avg_frame_rate),
        audio_codec=sound.codec_name,
        audio_rate=sound.sample_rate,
        audio_channels=sound.channel_layout or str(sound.channels or ""),
    )


def _first_stream(probed: _Probed, codec_type: str) -> _Stream:
    """Return the first stream of a type that is no picture of a cover; one that says nothing where there is none."""
    streams = (stream for stream in probed.streams if not stream.disposition.attached_pic)
    return next((stream for stream in streams if stream.codec_type == codec_type), _Stream())


def _seconds(duration: str) -> float:
    try:
        return float(duration or 0)
    except ValueError:
        return 0.0


def _frames_a_second(rate: str) -> float:
    frames, _, seconds = rate.partition("/")
    if not frames.isdigit() or not seconds.isdigit() or not int(seconds):
        return 0.0
    return int(frames) / int(seconds)


def _run(
    command: list[str],
    timeout_seconds: int,
    goes_on: Callable[[], bool] = lambda: True,
    cpu_seconds: int | None = None,
) -> bytes:
    if not available():
        raise Unavailable(_("This server can't process video and audio: ffmpeg isn't installed."))
    cpu_seconds = timeout_seconds if cpu_seconds is None else cpu_seconds
    limits = resource_limits.command(
        command, cpu_seconds=cpu_seconds, memory_bytes=MEMORY_BYTES, file_bytes=MAX_OUTPUT_BYTES
    )
    with subprocess.Popen(  # noqa: S603 - our own command; files are named by us
        limits,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=resource_limits.environment(),
    ) as process:
        output, errors = _Listener(process.stdout), _Listener(process.stderr)
        try:
            used_seconds = _wait(process, output, timeout_seconds, goes_on)
        finally:
            process.kill()
            output.join()
            errors.join()
    # When it can't write the very end of a small file, ffmpeg takes that for no failure.
    if process.returncode != 0 or _NO_ROOM.search(errors.heard) or _TOO_LARGE.search(errors.heard):
        # What the system counts at the end is a little less than what it ends a process for.
        is_out_of_time = used_seconds > cpu_seconds - max(1.0, 0.1 * cpu_seconds)
        raise _failure(process.returncode, bytes(errors.heard), out_of_time=is_out_of_time)
    return bytes(output.heard)


class _Listener(Thread):
    """Takes what a program says, and keeps the end: of a broken file it can say something for each picture."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        super().__init__(daemon=True)
        self.heard = bytearray()
        self._stream = stream
        self.start()

    def run(self) -> None:
        """Listen until there is nothing more."""
        while self._stream is not None and (part := os.read(self._stream.fileno(), SAID_BYTES)):
            self.heard += part
            del self.heard[:-SAID_BYTES]


def _failure(status: int, errors: bytes, *, out_of_time: bool) -> Exception:
    if _NO_ROOM.search(errors):
        return disk.Full()
    # ffmpeg ends by itself, or is killed a second later, when it has no time left.
    if out_of_time or status in {-signal.SIGXCPU, -signal.SIGXFSZ} or _TOO_LARGE.search(errors):
        return Invalid(_(_TAKES_TOO_MUCH))
    if status in {-signal.SIGKILL, -signal.SIGTERM, *_ENDED_BY_SIGNAL}:
        return Killed(_("The server is too busy to process this file now. Please try again."))
    return Unreadable(_(_WRONG))


def _wait(
    process: subprocess.Popen[bytes], printed: Thread, timeout_seconds: int, goes_on: Callable[[], bool]
) -> float:
    """Wait until a process ends, which says nothing more then, and return the seconds of computing that it took."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        printed.join(LOOK_EVERY_SECONDS)
        if not printed.is_alive():
            _id, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        if time.monotonic() > deadline:
            raise Invalid(_(_TAKES_TOO_MUCH))
        if not goes_on():
            raise Interrupted

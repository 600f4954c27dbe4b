"""Uploaded videos, moving pictures and sound: looked at and written anew by ffmpeg, where it is installed.

Only formats that hold what they show are read: a playlist could name other files of this machine.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from twite_common.errors import Invalid, Unavailable
from twite_common.processes import ending_with_parent

LARGEST_BYTES = 40 * 1024 * 1024
LARGEST_PIXELS = 8_294_400
LONGEST_SECONDS = 3600.0
PROBE_TIMEOUT_SECONDS = 30
CONVERT_TIMEOUT_SECONDS = 600
MEDIA_TYPES = (
    *("video/mp4", "video/webm", "video/quicktime", "video/ogg"),
    *("audio/mpeg", "audio/mp3", "audio/ogg", "audio/wav", "audio/x-wav", "audio/flac", "audio/aac", "audio/mp4"),
)

_FORMATS = "mov,matroska,ogg,mp3,wav,flac,aac,gif,webp_pipe,avi"
_SAFE = ("-protocol_whitelist", "file", "-format_whitelist", _FORMATS)
_QUIET = ("-hide_banner", "-loglevel", "error")
_WRONG = "Validation failed: File content type is invalid, File is invalid"


class Recording(msgspec.Struct, frozen=True):
    """What a file holds. `kind` is video or audio; sizes are in pixels, rates as ffmpeg writes them."""

    kind: str
    duration_seconds: float
    bit_rate: int
    width: int = 0
    height: int = 0
    frame_rate: str = ""
    audio_codec: str = ""
    audio_rate: str = ""
    audio_channels: str = ""


def available() -> bool:
    """Say whether videos and sound can be taken here."""
    return shutil.which("ffmpeg") is not None and shutil.which("ffprobe") is not None


def probe(path: Path) -> Recording:
    """Return what a file holds.

    Raises Invalid for what is neither video nor sound, or too large, Unavailable when ffmpeg isn't installed.
    """
    options = (
        "-show_entries",
        "format=duration,bit_rate:stream=codec_type,codec_name,width,height,r_frame_rate,"
        "sample_rate,channel_layout,channels:stream_disposition=attached_pic",
        "-of",
        "json",
    )
    command = ["ffprobe", *_QUIET, *_SAFE, *options, "-i", str(path)]
    found = msgspec.json.decode(_run(command, PROBE_TIMEOUT_SECONDS), type=dict[str, Any])
    recording = _recording(found.get("format", {}), found.get("streams", []))
    if recording.width * recording.height > LARGEST_PIXELS or recording.duration_seconds > LONGEST_SECONDS:
        raise Invalid("Validation failed: File is too long or its picture too large")
    return recording


def convert(source: Path, kind: str, target: Path) -> None:
    """Write a file anew, as MP4 or MP3 without any metadata; `kind` is video, gifv (without sound) or audio.

    Raises Invalid when it can't be read, Unavailable when ffmpeg isn't installed.
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
    command = ["ffmpeg", *_QUIET, "-nostdin", "-y", *_SAFE, "-i", str(source), "-map_metadata", "-1"]
    _run([*command, *outputs[kind], str(target)], CONVERT_TIMEOUT_SECONDS)


def first_picture(source: Path, target: Path) -> None:
    """Write a video's first picture as PNG. Raises Invalid when it has none."""
    command = ["ffmpeg", *_QUIET, "-nostdin", "-y", *_SAFE, "-i", str(source), "-map", "0:v:0", "-frames:v", "1"]
    _run([*command, "-f", "image2", "-c:v", "png", str(target)], PROBE_TIMEOUT_SECONDS)


def meta(recording: Recording) -> dict[str, Any]:
    """Return what clients are told of a recording, in the API's words."""
    minutes, seconds = divmod(recording.duration_seconds, 60)
    shown: dict[str, Any] = {
        "length": f"{int(minutes // 60)}:{int(minutes % 60):02}:{seconds:05.2f}",
        "duration": round(recording.duration_seconds, 3),
    }
    if recording.audio_codec:
        shown |= {
            "audio_encode": recording.audio_codec,
            "audio_bitrate": f"{recording.audio_rate} Hz",
            "audio_channels": recording.audio_channels,
        }
    original: dict[str, Any] = {"duration": shown["duration"], "bitrate": recording.bit_rate}
    if recording.kind == "video":
        size = {"width": recording.width, "height": recording.height}
        shown |= {
            **size,
            "size": f"{recording.width}x{recording.height}",
            "aspect": round(recording.width / max(recording.height, 1), 4),
            "fps": _frames_a_second(recording.frame_rate),
        }
        original |= {**size, "frame_rate": recording.frame_rate}
    return {**shown, "original": original}


def _recording(container: dict[str, Any], streams: list[dict[str, Any]]) -> Recording:
    videos = [
        one
        for one in streams
        if one.get("codec_type") == "video" and not one.get("disposition", {}).get("attached_pic")
    ]
    sounds = [one for one in streams if one.get("codec_type") == "audio"]
    if not videos and not sounds:
        raise Invalid(_WRONG)
    sound = sounds[0] if sounds else {}
    video = videos[0] if videos else {}
    return Recording(
        kind="video" if videos else "audio",
        duration_seconds=float(container.get("duration") or 0),
        bit_rate=int(container.get("bit_rate") or 0),
        width=int(video.get("width") or 0),
        height=int(video.get("height") or 0),
        frame_rate=str(video.get("r_frame_rate") or ""),
        audio_codec=str(sound.get("codec_name") or ""),
        audio_rate=str(sound.get("sample_rate") or ""),
        audio_channels=str(sound.get("channel_layout") or sound.get("channels") or ""),
    )


def _frames_a_second(rate: str) -> int:
    frames, _, seconds = rate.partition("/")
    if not frames.isdigit() or seconds in {"", "0"}:
        return 0
    return round(int(frames) / int(seconds))


def _run(command: list[str], timeout_seconds: int) -> bytes:
    if not available():
        raise Unavailable("This server can't take videos and sound: ffmpeg isn't installed.")
    try:
        ran = subprocess.run(  # noqa: S603 - our own command; files are named by us
            ending_with_parent(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Invalid("Validation failed: File takes too long to be processed") from error
    if ran.returncode != 0:
        raise Invalid(_WRONG)
    return ran.stdout

"""Pictures for the demonstration, drawn here, so that none has to be downloaded: portraits, emblems and views.

All are drawn at twice their size and scaled down, which smooths their edges. The same name gives the same picture.
"""

import io
import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

Colour = str
Size = tuple[int, int]

FINER = 2
"""How much larger than wanted a picture is drawn."""
SKINS = ("#f6d7c3", "#e8b796", "#c98d62", "#9b6339", "#6f4427")
EYES = (335, 465)
"""Where the eyes of a portrait are, from the left."""


def encoded(picture: Image.Image) -> bytes:
    """Return a picture as a file: a PNG where parts of it are transparent, else a JPEG."""
    target = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(target, "PNG")
    else:
        picture.save(target, "JPEG", quality=90)
    return target.getvalue()


def _gradient(size: Size, top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return ImageOps.colorize(ramp, top, bottom)


def _finished(picture: Image.Image) -> Image.Image:
    return picture.reduce(FINER)


def _grain(picture: Image.Image, sigma: float = 4.0) -> Image.Image:
    """Return a picture with a little noise, as film has it."""
    noise = Image.effect_noise(picture.size, sigma).convert("RGB")
    return ImageChops.overlay(picture, noise)


def _ridge(size: Size, chance: random.Random, *, level: float, height: float) -> list[Size]:
    """Return a line of hills around a level (a share of the height), from the left edge to the right."""
    width, tall = size
    waves = [(chance.uniform(0.5, 3.5), chance.uniform(0, 7), chance.uniform(0.2, 1.0)) for _ in range(5)]
    total = sum(weight for *_, weight in waves)
    line = []
    for x in range(0, width + 8, 8):
        lift = sum(math.sin(x / width * math.tau * speed + shift) * weight for speed, shift, weight in waves) / total
        line.append((x, int(tall * (level - height * lift))))
    return line


def _hills(
    picture: Image.Image, chance: random.Random, colours: Sequence[Colour], *, first: float, last: float
) -> None:
    draw = ImageDraw.Draw(picture)
    for number, colour in enumerate(colours):
        level = first + (last - first) * number / max(len(colours) - 1, 1)
        line = _ridge(picture.size, chance, level=level, height=0.09)
        draw.polygon([*line, (picture.width, picture.height), (0, picture.height)], fill=colour)


def _glow(picture: Image.Image, centre: Size, radius: int, colour: Colour) -> None:
    """Lay a soft light over a picture, in place."""
    small = Image.new("L", (picture.width // 8, picture.height // 8))
    ImageDraw.Draw(small).ellipse(_box((centre[0] // 8, centre[1] // 8), radius // 8), fill=180)
    halo = small.filter(ImageFilter.GaussianBlur(radius / 8)).resize(picture.size)
    picture.paste(Image.new("RGB", picture.size, colour), mask=halo)
    ImageDraw.Draw(picture).ellipse(_box(centre, radius), fill="#fff6df")


def _box(centre: Size, radius: int) -> tuple[int, int, int, int]:
    x, y = centre
    return (x - radius, y - radius, x + radius, y + radius)


def _trees(picture: Image.Image, chance: random.Random, colour: Colour, *, level: float, count: int) -> None:
    draw = ImageDraw.Draw(picture)
    for _ in range(count):
        x, foot = chance.randrange(picture.width), int(picture.height * (level + chance.uniform(-0.01, 0.06)))
        tall = int(picture.height * chance.uniform(0.08, 0.2))
        for part in range(3):
            top, wide = foot - tall + part * tall // 4, tall // 6 + part * tall // 12
            draw.polygon([(x, top), (x - wide, top + tall // 2), (x + wide, top + tall // 2)], fill=colour)


def _sea(picture: Image.Image, chance: random.Random, colours: tuple[Colour, Colour], *, level: float) -> None:
    top = int(picture.height * level)
    picture.paste(_gradient((picture.width, picture.height - top), *colours), (0, top))
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(220):
        y = top + int((picture.height - top) * chance.random() ** 1.6)
        length = int((y - top) * 0.35) + 20
        x = int(chance.gauss(picture.width * 0.62, picture.width * 0.22))
        draw.rounded_rectangle((x, y, x + length, y + 4), 2, fill=(255, 244, 220, chance.randrange(25, 95)))


def _stars(picture: Image.Image, chance: random.Random, *, level: float) -> None:
    draw = ImageDraw.Draw(picture)
    for _ in range(260):
        x, y = chance.randrange(picture.width), int(picture.height * level * chance.random())
        draw.ellipse(_box((x, y), chance.choice((1, 1, 2, 3))), fill=chance.choice(("#ffffff", "#dfe9ff", "#ffe9c9")))


def _roofs(picture: Image.Image, chance: random.Random, walls: Sequence[Colour], *, level: float) -> None:
    """Draw a street of gabled houses with lit windows."""
    draw = ImageDraw.Draw(picture)
    x = -30
    while x < picture.width:
        wide, tall = chance.randrange(150, 260), int(picture.height * chance.uniform(0.2, 0.42))
        foot, eaves = int(picture.height * level), int(picture.height * level) - tall
        draw.rectangle((x, eaves, x + wide, foot), fill=chance.choice(walls))
        roof = chance.choice(("#8c4a3c", "#6f3b34", "#54434a"))
        draw.polygon([(x - 12, eaves), (x + wide // 2, eaves - wide // 2), (x + wide + 12, eaves)], fill=roof)
        for row in range(eaves + 36, foot - 60, 92):
            for column in range(x + 28, x + wide - 46, 66):
                lit = chance.random() < 0.45
                draw.rectangle((column, row, column + 34, row + 52), fill="#ffd98a" if lit else "#3a4a5e")
        x += wide + chance.randrange(-4, 10)


def landscape(name: str, size: Size, *, kind: str) -> Image.Image:
    """Draw a view of a kind: dawn, sea, night, town, forest, snow, field or dusk."""
    chance = random.Random(name)  # noqa: S311 - a picture keeps no secret
    whole = (size[0] * FINER, size[1] * FINER)
    width, height = whole
    skies = {
        "dawn": ("#6f86c9", "#ffd0a1"),
        "sea": ("#86b9dd", "#fdebd0"),
        "night": ("#0b1533", "#41517f"),
        "town": ("#33437a", "#f3a183"),
        "forest": ("#9cc7c9", "#eef3d8"),
        "snow": ("#7fb0e0", "#f2f7ff"),
        "field": ("#5fa8e0", "#e9f4f4"),
        "dusk": ("#45306d", "#f4735f"),
    }
    grounds = {
        "dawn": ("#8f8fb8", "#6b7ba0", "#46617b", "#2c4654"),
        "night": ("#27365f", "#1a2749", "#101a33"),
        "forest": ("#8fb5a5", "#5f9480", "#33705c", "#1d4a3d"),
        "snow": ("#cfdff2", "#e4eefa", "#f8fbff"),
        "field": ("#7fa86b", "#a4bd5c", "#d9c459", "#8a9a3a"),
        "dusk": ("#7c3f74", "#552d62", "#33204a"),
    }
    picture = _gradient(whole, *skies[kind])
    if kind == "night":
        _stars(picture, chance, level=0.7)
    if kind != "field":
        sun = (int(width * chance.uniform(0.25, 0.75)), int(height * chance.uniform(0.22, 0.42)))
        _glow(picture, sun, height // 14, "#dfe8ff" if kind == "night" else "#ffd9a0")
    if kind == "sea":
        _sea(picture, chance, ("#6aa6bf", "#1f5b7a"), level=0.56)
    elif kind == "town":
        _hills(picture, chance, ("#5a5a86", "#43456b"), first=0.55, last=0.65)
        _roofs(picture, chance, ("#e9cfa9", "#d9a78b", "#bfc5c9", "#c7896f"), level=1.0)
    else:
        _hills(picture, chance, grounds[kind], first=0.52, last=0.86)
    if kind in {"forest", "snow", "night"}:
        _trees(
            picture, chance, {"forest": "#153a31", "snow": "#33566b", "night": "#0a1226"}[kind], level=0.82, count=46
        )
    return _grain(_finished(picture))


def portrait(
    name: str, *, hair: Colour, shirt: Colour, ground: tuple[Colour, Colour], skin: int, style: str
) -> Image.Image:
    """Draw somebody's head and shoulders, 400 × 400. `style` is how the hair is worn: short, long, bun, curls, bald."""
    chance = random.Random(name)  # noqa: S311 - a picture keeps no secret
    picture = _gradient((800, 800), *ground)
    draw = ImageDraw.Draw(picture)
    _hair_behind(draw, chance, style, hair)
    draw.rounded_rectangle((130, 600, 670, 960), 190, fill=shirt)
    draw.rounded_rectangle((335, 480, 465, 670), 64, fill=SKINS[skin])
    draw.ellipse((240, 190, 560, 580), fill=SKINS[skin])
    _hair_in_front(draw, style, hair)
    for x in EYES:
        draw.ellipse(_box((x, 385), 15), fill="#2b2320")
        draw.arc((x - 38, 318, x + 38, 380), 205, 335, fill=hair, width=9)
    draw.arc((335, 415, 465, 515), 25, 155, fill="#7a2f2a", width=12)
    if chance.random() < 0.4:
        _glasses(draw)
    return _finished(picture)


def _hair_behind(draw: ImageDraw.ImageDraw, chance: random.Random, style: str, hair: Colour) -> None:
    if style == "long":
        draw.rounded_rectangle((215, 190, 585, 660), 180, fill=hair)
    elif style == "bun":
        draw.ellipse(_box((400, 135), 80), fill=hair)
    elif style == "curls":
        for angle in range(150, 400, 18):
            spot = (400 + int(185 * math.cos(math.radians(angle))), 320 + int(190 * math.sin(math.radians(angle))))
            draw.ellipse(_box(spot, chance.randrange(62, 84)), fill=hair)


def _hair_in_front(draw: ImageDraw.ImageDraw, style: str, hair: Colour) -> None:
    if style == "bald":
        # A beard.
        draw.chord((262, 400, 538, 612), 15, 165, fill=hair)
    else:
        draw.chord((228, 165, 572, 520), 180, 360, fill=hair)
        draw.pieslice((228, 200, 480, 470), 180, 275, fill=hair)


def _glasses(draw: ImageDraw.ImageDraw) -> None:
    for x in EYES:
        draw.ellipse(_box((x, 385), 52), outline="#22262b", width=10)
    draw.line((387, 382, 413, 382), fill="#22262b", width=10)


def _loaf(draw: ImageDraw.ImageDraw) -> None:
    draw.rounded_rectangle((150, 300, 650, 580), 130, fill="#c98442")
    draw.rounded_rectangle((150, 300, 650, 500), 120, fill="#e0a35c")
    for x in (260, 375, 490):
        draw.line((x, 345, x + 70, 450), fill="#fbe3bd", width=26)


def _wheel(draw: ImageDraw.ImageDraw) -> None:
    for x in (250, 550):
        draw.ellipse(_box((x, 490), 130), outline="#f7f7f2", width=22)
    frame = [(250, 490), (350, 320), (510, 320), (400, 490), (250, 490)]
    draw.line(frame, fill="#ffce54", width=22, joint="curve")
    draw.line([(550, 490), (500, 270), (560, 250)], fill="#ffce54", width=22, joint="curve")
    draw.line([(400, 490), (335, 285)], fill="#ffce54", width=22)
    draw.line([(295, 280), (380, 280)], fill="#f7f7f2", width=26)


def _book(draw: ImageDraw.ImageDraw) -> None:
    draw.polygon([(130, 250), (390, 310), (390, 620), (130, 550)], fill="#fbf6e9")
    draw.polygon([(670, 250), (410, 310), (410, 620), (670, 550)], fill="#efe5cc")
    for row in range(5):
        y = 330 + row * 45
        draw.line((170, y, 350, y + 42), fill="#9aa7b8", width=10)
        draw.line((630, y, 450, y + 42), fill="#9aa7b8", width=10)


def _note(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((190, 500, 340, 620), fill="#fff3d6")
    draw.ellipse((460, 450, 610, 570), fill="#fff3d6")
    draw.polygon([(310, 210), (610, 160), (610, 240), (310, 290)], fill="#fff3d6")
    draw.rectangle((310, 220, 340, 560), fill="#fff3d6")
    draw.rectangle((580, 170, 610, 510), fill="#fff3d6")


def _leaf(draw: ImageDraw.ImageDraw) -> None:
    draw.polygon([(400, 650), (230, 430), (400, 150), (570, 430)], fill="#dff2c0")
    draw.line([(400, 700), (400, 230)], fill="#5d8a3c", width=18)
    for y in (330, 430, 530):
        draw.line([(320, y - 50), (400, y), (480, y - 50)], fill="#5d8a3c", width=12)


EMBLEMS: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {
    "loaf": _loaf,
    "wheel": _wheel,
    "book": _book,
    "note": _note,
    "leaf": _leaf,
}


def emblem(kind: str, ground: tuple[Colour, Colour]) -> Image.Image:
    """Draw the sign of a shop or club, 400 × 400; `kind` is one of `EMBLEMS`."""
    picture = _gradient((800, 800), *ground)
    EMBLEMS[kind](ImageDraw.Draw(picture))
    return _finished(picture)


def still_life(name: str, size: Size, *, kind: str) -> Image.Image:
    """Draw what an emblem shows on a table, several times over."""
    chance = random.Random(name)  # noqa: S311 - a picture keeps no secret
    whole = (size[0] * FINER, size[1] * FINER)
    picture = _gradient(whole, "#f3e7d3", "#d9bfa0")
    table = _gradient((whole[0], whole[1] // 2), "#9c6b43", "#6f4527")
    picture.paste(table, (0, whole[1] - table.height))
    piece = Image.new("RGBA", (800, 800))
    EMBLEMS[kind](ImageDraw.Draw(piece))
    for row in range(2):
        for column in range(4):
            edge = int(whole[1] * (0.42 + 0.1 * row))
            thing = piece.resize((edge, edge)).rotate(chance.uniform(-12, 12), Image.Resampling.BICUBIC)
            x = int(whole[0] * (0.02 + 0.25 * column) - edge * 0.1 + chance.randrange(-20, 20) + row * edge * 0.2)
            picture.paste(thing, (x, int(whole[1] * (0.2 + 0.3 * row))), thing)
    return _grain(_finished(picture))


def emoji(kind: str) -> Image.Image:
    """Draw an emoji of the site's own, 128 × 128 on nothing; `kind` is one of `EMBLEMS`."""
    disc = Image.new("RGBA", (800, 800))
    draw = ImageDraw.Draw(disc)
    draw.ellipse(
        (20, 20, 780, 780), fill={"loaf": "#6f4a2f", "wheel": "#1f6f78", "note": "#8a2f5c"}.get(kind, "#35633a")
    )
    EMBLEMS[kind](draw)
    return disc.resize((128, 128), Image.Resampling.LANCZOS)

#!/usr/bin/env python3
"""Draw pages of text as training images, because photographs contain little text.

  draw_text.py FOLDER [--count 120] [--seed 1]

Each page is a square of 384 pixels: words in several sizes and colours on a plain or shaded background, straight or rotated. It is
drawn four times as large and then reduced. The fonts are those of this machine (Debian: fonts-dejavu fonts-liberation fonts-lato
fonts-ebgaramond ...).
"""
import argparse
import glob
import os
import random
import string

from PIL import Image, ImageDraw, ImageFont

SIDE, OVERSAMPLING = 384, 4
LETTERS = string.ascii_lowercase * 6 + string.ascii_uppercase * 2 + string.digits * 2 + "äöüßéèçñøå" + ".,:;-()/&%€$@#!?"


def fonts():
    """Files of font families with Latin letters; other fonts would draw boxes instead of letters."""
    families = ("DejaVu", "Liberation", "Free", "Lato-", "EBGaramond", "LinLibertine", "Carlito", "Roboto")
    files = [f for e in ("ttf", "otf") for f in glob.glob(f"/usr/share/fonts/**/*.{e}", recursive=True)]
    return sorted(f for f in files if os.path.basename(f).startswith(families))


def colour(dark):
    base = random.randrange(0, 90) if dark else random.randrange(150, 256)
    return tuple(min(255, max(0, base + random.randrange(-50, 51))) for _ in range(3))


def ground(side, dark):
    first, second = Image.new("RGB", (side, side), colour(dark)), Image.new("RGB", (side, side), colour(dark))
    if random.random() < 0.5:
        return first
    mask = Image.linear_gradient("L").resize((side, side)).rotate(random.choice((0, 90, 180, 270)))
    return Image.composite(first, second, mask)


def page(files):
    side, dark = SIDE * OVERSAMPLING, random.random() < 0.4
    large = 3 * side // 2
    image = ground(large, dark)
    pen = ImageDraw.Draw(image)
    y = 0
    while y < large:
        size = int(OVERSAMPLING * random.choice((9, 11, 13, 16, 20, 26, 34, 48, 72)))
        font, ink = ImageFont.truetype(random.choice(files), size), colour(not dark)
        for _ in range(random.randrange(1, 5)):
            words = " ".join("".join(random.choices(LETTERS, k=random.randrange(1, 10))) for _ in range(40))
            pen.text((-random.randrange(size), y), words, font=font, fill=ink)
            y += int(size * random.uniform(1.1, 1.6))
    if random.random() < 0.5:
        image = image.rotate(random.choice((random.uniform(-4, 4), random.uniform(-45, 45))), Image.BICUBIC)
    left = (large - side) // 2
    return image.crop((left, left, left + side, left + side)).resize((SIDE, SIDE), Image.LANCZOS)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    random.seed(a.seed)
    files = fonts()
    assert files, "none of the known fonts is installed"
    os.makedirs(a.folder, exist_ok=True)
    for number in range(a.count):
        page(files).save(f"{a.folder}/text-{number:03}.jpg", quality=95, subsampling=0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Draw docs/models.jpg: parts of photographs, clean and from JPEG files, upscaled by bicubic interpolation and by each model.

  compare_models.py FOLDER docs/models.jpg [--program .build/release/srgan]

FOLDER contains chelsea.png, coffee.png and astronaut.png of scikit-image (its package's `data` folder). Their sides are reduced to a
quarter.
"""
import argparse
import io
import subprocess
import tempfile

from PIL import Image, ImageDraw, ImageFont

MODELS = ["srresnet-x4", "srgan-x4", "srgan-photo-x4"]
# Photograph, JPEG quality (None: clean), left and upper edge of the part.
ROWS = [("chelsea", None, 110, 60), ("chelsea", 60, 110, 60), ("coffee", 75, 300, 150), ("astronaut", 60, 150, 20)]
SIDE, GAP, HEAD = 200, 4, 22


def reduced(original, quality):
    small = original.resize((original.width // 4, original.height // 4), Image.BICUBIC)
    if quality is None:
        return small
    file = io.BytesIO()
    small.save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("output")
    parser.add_argument("--program", default=".build/release/srgan")
    a = parser.parse_args()
    font = ImageFont.load_default(15)
    names = ["bicubic", *MODELS, "original"]
    sheet = Image.new("RGB", (len(names) * (SIDE + GAP) - GAP, HEAD + len(ROWS) * (SIDE + GAP) - GAP), "white")
    pen = ImageDraw.Draw(sheet)
    for column, name in enumerate(names):
        pen.text((column * (SIDE + GAP) + 4, 2), name, fill="black", font=font)
    with tempfile.TemporaryDirectory() as work:
        for number, (name, quality, x, y) in enumerate(ROWS):
            original = Image.open(f"{a.folder}/{name}.png").convert("RGB")
            original = original.crop((0, 0, original.width // 4 * 4, original.height // 4 * 4))
            small = reduced(original, quality)
            small.save(f"{work}/small.png")
            images = [small.resize(original.size, Image.BICUBIC)]
            for model in MODELS:
                subprocess.run([a.program, "upscale", "--force", "--model", model, f"{work}/small.png", f"{work}/large.png"], check=True)
                images.append(Image.open(f"{work}/large.png").convert("RGB"))
            top = HEAD + number * (SIDE + GAP)
            for column, image in enumerate([*images, original]):
                sheet.paste(image.crop((x, y, x + SIDE, y + SIDE)), (column * (SIDE + GAP), top))
            label = "clean" if quality is None else f"JPEG {quality}"
            pen.text((5, top + SIDE - 20), label, fill="white", font=font, stroke_width=2, stroke_fill="black")
    sheet.save(a.output, quality=88, subsampling=0)


if __name__ == "__main__":
    main()

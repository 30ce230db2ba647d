"""A tiny AI Hub for tests."""

import io
import json
import zipfile

from PIL import Image

SYLLABLES = [chr(0xAC00 + 7 * i) for i in range(24)]


def png(value):
    buffer = io.BytesIO()
    Image.new("L", (9, 6), value).save(buffer, "PNG")
    return buffer.getvalue()


def note(id, text, kind="글자(음절)"):
    return {"attributes": {"type": kind}, "image_id": id, "text": text}


def make_set(root, num=24, zipped=False, extra=(), source="handwritten"):
    """A tiny AI Hub: picture i shows grey level i, half of them in each folder."""
    root.mkdir(parents=True, exist_ok=True)
    annotations = [note(f"{i:08}", SYLLABLES[i]) for i in range(num)]
    annotations += [note("90000000", "가나", "단어(어절)"), *extra]
    text = json.dumps({"annotations": annotations}, ensure_ascii=False)
    (root / f"{source}_label.json").write_text(text, encoding="utf-8")
    folders = {"handwritten": ("1_syllable", "2_syllable"), "printed": ("syllable",)}
    names = folders[source]
    files = {f"{names[i % len(names)]}/{i:08}.png": png(i) for i in range(num)}
    if zipped:
        with zipfile.ZipFile(root / f"my {source} copy.zip", "w") as archive:
            for name, data in files.items():
                archive.writestr("deep/" + name, data)
        return root
    for name, data in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)
    return root

"""Tallies, pictures and a network -> the files that show them: figures and matrices."""

import numpy as np

from utils.analysis import gradcam, plots
from utils.analysis.confusion_figure import confusion_figure
from utils.analysis.report import file_name, write_csv
from utils.data.augment import augment
from utils.data.batches.rows import read_evenly
from utils.data.batches.squares import prepare_or_blank
from utils.data.patches import list_patches, source_of
from utils.hangul import ALL_SYLLABLES, COMPONENTS

_PAGE = 10  # pictures in one figure of heat maps
_VARIANTS = 9  # distorted pictures beside each original
_ORIGINALS = 6  # pictures of each source that are distorted


def save_confusion(folder, source, tally):
    """Writes each component's confusion matrix as CSV and picture.

    Args:
        folder: `Path`, where the files go.
        source: in the files' names and in the titles.
        tally: the source's `Tally`.

    Returns:
        The paths of the files.

    Raises:
        ValueError: a letter of the source's name is in none of the fonts.
    """
    written = []
    for name, matrix in tally.matrices.items():
        classes = COMPONENTS[name]
        path = folder / file_name(f"confusion_{source}_{name}.csv")
        cells = [[jamo, *row] for jamo, row in zip(classes, matrix, strict=True)]
        write_csv(path, ["true / read", *classes], cells)
        picture = path.with_suffix(".png")
        figure = confusion_figure(matrix, classes, f"{source}: {name}")
        plots.save_figure(picture, figure)
        written += [path, picture]
    return written


def save_examples(folder, source, tally):
    """Draws wrongly read pictures, the surest mistakes first.

    Where nothing was read wrongly, that is printed, and a figure of before goes.

    Args:
        folder: `Path`, where the file goes.
        source: in the file's name.
        tally: the source's `Tally`.

    Returns:
        The paths of the files: none where nothing was read wrongly.
    """
    examples = sorted(tally.examples, key=lambda each: -each.probability)
    path = folder / file_name(f"wrong_{source}.png")
    if not examples:
        print(f"{source}: no picture is read wrongly; there is no {path.name}.")
        path.unlink(missing_ok=True)
        return []
    titles = [f"{e.label} as {e.guess} {e.probability:.2f}" for e in examples]
    figure = plots.sample_grid([each.image for each in examples], titles, 8)
    plots.save_figure(path, figure)
    return [path]


def save_activations(folder, source, pictures, model, syllables=ALL_SYLLABLES):
    """Draws Grad-CAM, and the exact map where the head is linear, of some pictures.

    Args:
        folder: where the figures go.
        source: in the figures' names.
        pictures: (images, labels), as `readable_pictures` gives them.
        model: `keras.Model`, see `gradcam`.
        syllables: the classes of a flat head.

    Returns:
        The paths of the files, ten pictures each.
    """
    images, labels = pictures
    written = []
    for number, start in enumerate(range(0, len(images), _PAGE)):
        page = slice(start, start + _PAGE)
        figure = _draw_activations(model, images[page], labels[page], syllables)
        path = folder / file_name(f"class_activation_{source}_{number}.png")
        plots.save_figure(path, figure)
        written.append(path)
    return written


def _draw_activations(model, images, labels, syllables):
    """Draws one page of heat maps."""
    pixels = np.asarray(images)[..., None]
    heads = {k: np.asarray(v) for k, v in model.predict_on_batch(pixels).items()}
    targets = {name: values.argmax(axis=1) for name, values in heads.items()}
    kinds = {"Grad-CAM": gradcam.grad_cams}
    if gradcam.has_exact_cams(model):
        kinds["exact"] = gradcam.exact_cams
    maps, captions = {}, [{"picture": label} for label in labels]
    for kind, function in kinds.items():
        coarse = function(model, images, targets)
        # As a syllable is written; Keras has its outputs in alphabetical order.
        for name in COMPONENTS if len(coarse) > 1 else coarse:
            column = f"{kind} {name}"
            maps[column] = gradcam.enlarge(coarse[name], images.shape[1])
            classes = COMPONENTS.get(name, syllables)
            for row, place in enumerate(targets[name]):
                text = f"{kind} {classes[place]} {heads[name][row, place]:.2f}"
                captions[row][column] = text
    signed = [column for column in maps if column.startswith("exact")]
    return plots.heat_map_grid(images, maps, captions, signed)


def save_augmentation(folder, train_folder, size=0):
    """Draws training pictures beside what the network sees of them in training.

    Args:
        folder: where the figures go.
        train_folder: of patches.
        size: side of the prepared pictures in pixels; 0 is that of the patch.

    Returns:
        The paths of the files, one a source.

    Raises:
        PatchError: the training folder holds no patches, or one is damaged.
    """
    first = {}
    for path in list_patches(train_folder):
        first.setdefault(source_of(path), path)
    written, rng = [], np.random.default_rng(0)
    for source, path in first.items():
        ((_, patch),) = read_evenly([path], _ORIGINALS)
        images, titles = [], []
        for row, image in enumerate(patch.images):
            side, neighbour = size or max(image.shape), patch.images[row - 1]
            variants = (augment(image, rng, neighbour) for _ in range(_VARIANTS))
            images += [image, *(prepare_or_blank(each, side) for each in variants)]
            titles += [patch.labels[row], *[""] * _VARIANTS]
        figure = plots.sample_grid(images, titles, 1 + _VARIANTS)
        written.append(folder / file_name(f"augmentation_{source}.png"))
        plots.save_figure(written[-1], figure)
    return written

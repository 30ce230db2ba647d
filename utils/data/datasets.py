"""Sets of pictures by name: which function converts which, and to which patches."""

from functools import partial

from utils.data.converting.conversion import write_troubles
from utils.data.converting.labelled import SOURCE as PICTURES
from utils.data.converting.labelled import convert_labelled
from utils.data.hanguldb import SETS, convert_hanguldb
from utils.data.phd08 import SOURCE as PHD08
from utils.data.phd08 import convert_phd08
from utils.inference.imaging import prepare

# Sets that do not come split -> what converts them.
UNSPLIT = {PHD08: convert_phd08, PICTURES: convert_labelled}
DATASETS = (*SETS, *UNSPLIT)


def convert(options):
    """Converts a set.

    Args:
        options: `load_data.Options`.

    Returns:
        Its `utils.data.converting.conversion.Summary`; what was left out is named in a
        file beside the training patches.

    Raises:
        ValueError: the set's files are absent or damaged, or patches are in the way.
        DownloadError: an archive is damaged.
        OSError: a folder or a file cannot be read.
    """
    how = {
        "images_per_syllable": options.images_per_syllable,
        "pickle_size": options.pickle_size,
        "seed": options.seed,
        "workers": options.workers or None,
    }
    paths = (options.dataset_path, options.data_path, options.val_data_path)
    function = partial(prepare, size=options.image_size)
    if options.dataset in UNSPLIT:
        how["val_ratio"] = options.val_ratio
        if options.dataset == PICTURES:
            how["source"] = options.source
        summary = UNSPLIT[options.dataset](*paths, function, **how)
    else:
        how["drop_last"] = options.drop_last
        summary = convert_hanguldb(*paths, options.dataset, function, **how)
    of_own = options.dataset == PICTURES
    name = options.source if of_own else options.dataset
    write_troubles(options.data_path, name, summary)
    return summary

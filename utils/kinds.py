"""Names of types that annotations share."""

import os
from collections.abc import Callable
from typing import IO, Any

import numpy as np
from PIL import Image

FilePath = str | os.PathLike[str]
EncodedPicture = FilePath | bytes | bytearray | memoryview | IO[bytes]
Picture = EncodedPicture | Image.Image | np.ndarray
Heads = dict[str, np.ndarray]  # output name -> (pictures, classes)
ReadSquares = Callable[[np.ndarray], Heads]  # of prepared pictures (N, size, size)
Network = Any  # a `keras.Model`, which may not be installed

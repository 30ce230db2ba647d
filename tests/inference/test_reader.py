import io
import threading

import numpy as np
import pytest
from PIL import Image, ImageSequence

from utils.hangul import ALL_SYLLABLES, COMPONENTS
from utils.inference.imaging import NoInkError
from utils.inference.reader import Reader
from utils.inference.readings import Reading


class FakeConfig:
    image_size, network = 16, "fake"


class FakeReader(Reader):
    """Answers by the pictures' mean level, and keeps count of its batches."""

    config, syllables = FakeConfig, ALL_SYLLABLES

    def __init__(self):
        self.batches = []

    def probabilities(self, images):
        self.batches.append(len(images))
        values = images.reshape(len(images), -1).mean(1)
        heads = {}
        for step, (name, jamo) in enumerate(COMPONENTS.items(), 1):
            places = np.arange(len(jamo))
            scores = np.cos(places * step + values[:, None])
            heads[name] = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        return heads


@pytest.fixture
def reader():
    return FakeReader()


def picture(seed):
    rng = np.random.default_rng(seed)
    image = np.full((30, 30), 255, np.uint8)
    image[4:26, 4:26] = rng.integers(0, 2, (22, 22)) * 255
    return image


BLANK = np.full((20, 20), 255, np.uint8)


def test_keywords_reach_the_answers(reader):
    (best,) = reader.predict(picture(0), charset="나다")
    assert best in "나다"
    reading = reader.predict(picture(0), n=2, charset="나다", detail=True)
    assert isinstance(reading, Reading) and reading.syllables[0][0] == best
    assert sum(p for _, p in reading.syllables) == pytest.approx(1)
    assert reader.predict([picture(0)], reject_below=0.9) == [[]]


def test_pictures_without_ink_are_rejected_where_any_are(reader):
    some = [picture(0), BLANK, picture(1)]
    with pytest.raises(NoInkError):
        reader.predict(some)
    answers = reader.predict(some, reject_below=1e-9)
    assert [len(answer) for answer in answers] == [1, 0, 1]
    assert reader.predict(BLANK, reject_below=1e-9) == []
    assert reader.predict(BLANK, reject_below=1e-9, detail=True).rejected
    with pytest.raises(ValueError, match="no such file"):
        reader.predict("nowhere.png", reject_below=0.5)


def test_a_reader_is_named_in_a_notebook(reader):
    assert repr(reader) == "<FakeReader: fake, 16 pixels, 11,172 syllables>"


def test_options_are_refused_before_anything_is_read(reader):
    with pytest.raises(ValueError, match="reject_below=2"):
        reader.predict("nowhere.png", reject_below=2)
    with pytest.raises(ValueError, match="n=0"):
        reader.predict_stream(iter([]), n=0)
    with pytest.raises(ValueError, match="batch_size=0"):
        reader.predict_stream(iter([]), batch_size=0)
    with pytest.raises(TypeError, match="colour"):
        reader.predict_stream([], colour=True)
    with pytest.raises(TypeError, match="hand over a list of it"):
        reader.predict_stream(Image.new("L", (9, 9)))
    assert not reader.batches


@pytest.mark.parametrize("name", ["scores", "detail", "in_order", "together"])
def test_text_is_neither_true_nor_false(reader, name):
    with pytest.raises(TypeError, match=f"{name}='false'; expected True or False"):
        reader.predict([picture(0), picture(1)], **{name: "false"})


def test_a_stream_names_options_that_it_does_not_have(reader):
    with pytest.raises(TypeError, match="no option 'top_n'; it has n, scores"):
        reader.predict_stream([picture(0)], top_n=2)


@pytest.mark.parametrize("n", ["5", 1.0, True])
def test_the_number_of_answers_is_an_integer(reader, n):
    with pytest.raises(ValueError, match="expected an integer from 1 to 11172"):
        reader.predict(picture(0), n=n)


def test_folders_in_a_folder_are_told_where_there_is_nothing_else(reader, tmp_path):
    (tmp_path / "하위").mkdir()
    with pytest.raises(ValueError, match="the 1 folders in it are not looked into"):
        reader.predict_stream(tmp_path)


def test_many_pictures_go_through_in_batches(reader):
    images = np.stack([picture(seed) for seed in range(300)])
    answers = reader.predict(images, n=2)
    assert reader.batches == [256, 44] and len(answers) == 300
    assert answers[299] == reader.predict(images[299], n=2)


@pytest.mark.parametrize("batch_size", [1, 4, 7, 100])
def test_a_stream_answers_as_predict_does(reader, batch_size):
    images = [picture(seed) for seed in range(30)]
    how = {"n": 3, "charset": "ksx1001"}
    stream = reader.predict_stream(iter(images), batch_size=batch_size, **how)
    assert list(stream) == reader.predict(images, **how)
    assert max(reader.batches[:-1]) == min(batch_size, 30)


def test_a_stream_of_a_folder_names_the_files(reader, tmp_path):
    for seed in range(5):
        Image.fromarray(picture(seed)).save(tmp_path / f"{seed}.png")
    for folder in (tmp_path, str(tmp_path)):
        found = list(reader.predict_stream(folder, batch_size=2))
        assert [path.name for path, _ in found] == [f"{i}.png" for i in range(5)]
        expected = reader.predict([picture(seed) for seed in range(5)])
        assert [answer for _, answer in found] == expected
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="there is no picture in this folder"):
        reader.predict_stream(tmp_path / "empty")


def test_a_stream_raises_or_returns_errors(reader):
    some = [picture(0), "nowhere.png", None, BLANK, picture(1)]
    with pytest.raises(ValueError, match="no such file"):
        list(reader.predict_stream(some))
    found = list(reader.predict_stream(some, return_errors=True))
    kinds = [list, ValueError, TypeError, NoInkError, list]
    assert list(map(type, found)) == kinds
    found = list(reader.predict_stream(some, return_errors=True, reject_below=1e-9))
    assert found[3] == []


def test_errors_tell_which_of_several_pictures_they_are_of(reader):
    with pytest.raises(NoInkError, match="^Picture 2, counted from 0: .* no ink"):
        reader.predict([picture(0), picture(1), BLANK])
    some = [picture(seed) for seed in range(300)] + [None]
    with pytest.raises(TypeError, match="^Picture 300, .* was expected"):
        reader.predict(some)
    with pytest.raises(TypeError, match="^Picture 300, "):
        list(reader.predict_stream(some, batch_size=7))
    with pytest.raises(ValueError, match="^Picture 1, .*no such file"):
        reader.prepare_all([picture(0), "nowhere.png"])
    with pytest.raises(NoInkError, match="^The picture holds no ink"):
        reader.predict(BLANK)


def test_generators_are_for_streams(reader):
    with pytest.raises(TypeError, match="predict_stream, or make it a list"):
        reader.predict(picture(seed) for seed in range(3))


def test_a_stream_that_nobody_reads_to_its_end_leaves_no_thread(reader):
    before = threading.active_count()
    stream = reader.predict_stream((picture(0) for _ in range(10**9)), batch_size=2)
    assert len(next(stream)) == 1
    del stream
    assert threading.active_count() == before


def test_no_pictures_have_no_answers(reader):
    assert reader.predict([]) == [] and list(reader.predict_stream([])) == []
    assert not reader.batches


def encoded(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file


def test_one_picture_is_no_stream(reader):
    colours = np.repeat(picture(0)[..., None], 3, axis=2)
    file = encoded(colours)
    for one in (colours, picture(0), file.getvalue(), file, Image.fromarray(colours)):
        with pytest.raises(TypeError, match=f"got one {type(one).__name__}: hand over"):
            reader.predict_stream(one)
    assert len(list(reader.predict_stream(np.stack([picture(0), picture(1)])))) == 2
    assert len(list(reader.predict_stream({"a": picture(0)}.values()))) == 1


def test_what_is_prepared_together_is_several(reader, tmp_path):
    for one in ("a.png", tmp_path, picture(0), b"bytes"):
        with pytest.raises(ValueError, match="come as a list .* got one picture"):
            reader.prepare_all(one)
    with pytest.raises(ValueError, match="got a generator; make it a list"):
        reader.prepare_all(picture(seed) for seed in range(2))
    assert reader.prepare_all([]).shape == (0, 16, 16)
    assert reader.prepare_all([]).dtype == np.uint8
    assert reader.prepare_all([picture(0), encoded(picture(1))]).shape == (2, 16, 16)


@pytest.mark.parametrize("size", [None, 0, -1, 2.5, True, "7"])
def test_batches_hold_a_whole_number_of_pictures(reader, size):
    with pytest.raises(ValueError, match="batch_size=.*; expected an integer of 1"):
        reader.predict_stream([picture(0)], batch_size=size)


def test_a_picture_that_opencv_takes_for_a_number_ends_no_stream(reader):
    # One pixel wide and four high: its alpha has the shape of OpenCV's scalars.
    thin = np.array([[[0, 255]], [[255, 255]], [[0, 255]], [[255, 0]]], np.uint8)
    for one in (thin, thin[..., [0, 0, 0, 1]], encoded(thin).getvalue()):
        some = [picture(0), one, picture(1)]
        answers = list(reader.predict_stream(some, return_errors=True))
        assert [answers[0], answers[2]] == reader.predict([picture(0), picture(1)])
        assert isinstance(answers[1], (list, NoInkError))


@pytest.mark.filterwarnings("error")
def test_colours_that_come_first_are_told(reader):
    colours = np.stack([picture(2)] * 3)
    with pytest.warns(UserWarning, match=r"transpose\(1, 2, 0\)"):
        assert len(reader.predict(colours)) == 3
    others = np.random.default_rng(0).integers(0, 256, (3, 40, 40)).astype(np.uint8)
    assert len(reader.predict(others)) == 3  # three pictures, no word
    assert len(reader.predict(colours.transpose(1, 2, 0))) == 1


def test_errors_take_the_place_of_answers_where_that_is_asked_for(reader):
    found = reader.predict([picture(1), "none.png", BLANK], n=2, return_errors=True)
    assert found[0] == reader.predict(picture(1), n=2)
    assert [type(each) for each in found[1:]] == [ValueError, NoInkError]
    assert isinstance(reader.predict(BLANK, return_errors=True), NoInkError)
    kept = reader.predict([BLANK, None], reject_below=1e-12, return_errors=True)
    assert kept[0] == [] and isinstance(kept[1], TypeError)


def test_rejected_readings_keep_their_guesses(reader):
    options = {"n": 3, "detail": True}
    (kept,) = reader.predict([picture(1)], **options)
    (lost,) = reader.predict([picture(1)], reject_below=1.0, **options)
    assert kept.syllables == kept.guesses == lost.guesses and lost.syllables == []
    assert reader.predict([BLANK], reject_below=0.5, **options)[0].guesses == []
    told = kept.to_dict()
    assert told["syllables"][0] == {"syllable": kept.best, "probability": kept[0][0][1]}
    assert told["initial"]["jamo"] == kept.initial.jamo and told["share"] == 1
    assert lost.to_dict()["guesses"] == told["guesses"] == told["syllables"]
    assert kept.to_dict(detail=False) == {"syllables": told["syllables"]}


def document(folder):
    """Three pages of one picture each, each darker than the one before."""
    pages = [Image.fromarray(picture(level)) for level in (1, 4, 7)]
    pages[0].save(folder / "a.tif", save_all=True, append_images=pages[1:])
    return Image.open(folder / "a.tif")


def test_pages_of_a_document_are_read_one_by_one(reader, tmp_path):
    expected = reader.predict([picture(level) for level in (1, 4, 7)])
    assert len({answer[0] for answer in expected}) > 1
    for _ in range(10):  # threads take the next page while one is decoded
        with document(tmp_path) as pages:
            found = list(reader.predict_stream(ImageSequence.Iterator(pages)))
        assert found == expected
    with document(tmp_path) as pages:
        with pytest.raises(ValueError, match="several pages more than once.*copy()"):
            reader.predict(list(ImageSequence.Iterator(pages)))
        copies = [page.copy() for page in ImageSequence.Iterator(pages)]
        assert reader.predict(copies) == expected


def test_damaged_documents_are_told_as_other_pictures_are(reader, tmp_path):
    document(tmp_path).close()
    data = (tmp_path / "a.tif").read_bytes()
    for size in (len(data) // 2, len(data) - 40):
        (tmp_path / "b.tif").write_bytes(data[:size])
        try:
            image = Image.open(tmp_path / "b.tif")
        except OSError:
            continue
        with image:
            for found in reader.predict_stream([image], return_errors=True):
                assert isinstance(found, (list, ValueError))


def test_errors_that_are_kept_keep_no_pictures(reader):
    (error,) = reader.predict([BLANK], return_errors=True)
    assert isinstance(error, NoInkError) and str(error)
    assert error.__traceback__ is error.__context__ is error.__cause__ is None


def test_text_in_three_planes_is_no_picture(reader):
    with pytest.raises(TypeError):
        reader.predict(np.array([[["a"] * 5] * 2] * 3))

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice

import numpy as np
import pytest

from utils.inference.streaming import (
    batches,
    picture_names,
    prepare_ahead,
    prepare_together,
)


def test_results_come_in_order_however_long_each_takes():
    rng = np.random.default_rng(0)
    delays = rng.uniform(0, 0.004, 200)

    def prepare(number):
        time.sleep(delays[number])
        return number * 2

    found = list(prepare_ahead(iter(range(200)), prepare, 16))
    assert found == [(2 * number, None) for number in range(200)]


def test_errors_of_a_picture_come_in_its_place():
    def prepare(number):
        if number == 2:
            raise ValueError("two")
        if number == 4:
            raise TypeError("four")
        return number

    found = list(prepare_ahead(range(6), prepare, 3))
    assert [value for value, _ in found] == [0, 1, None, 3, None, 5]
    assert [str(error) for _, error in found if error] == ["two", "four"]


def test_other_errors_and_those_of_the_iterator_come_through():
    def broken():
        yield 1
        raise ValueError("the iterator's own")

    with pytest.raises(ValueError, match="the iterator's own"):
        list(prepare_ahead(broken(), float, 4))
    with pytest.raises(ZeroDivisionError):
        list(prepare_ahead([1, 0], lambda number: 1 / number, 4))


class Picture:
    """Something that can be seen to be gone."""


def test_an_endless_iterator_is_taken_no_further_than_asked():
    alive, taken = weakref.WeakSet(), []

    def endless():
        for number in count():
            picture = Picture()
            alive.add(picture)
            taken.append(number)
            yield picture

    most = 0

    def prepare(picture):
        nonlocal most
        most = max(most, len(alive))
        return 0

    stream = prepare_ahead(endless(), prepare, 10)
    assert len(list(islice(stream, 500))) == 500
    assert len(taken) <= 511 + threading.active_count()
    stream.close()
    gc.collect()
    # Not those that wait: each thread holds one, and the generator one.
    assert most <= threading.active_count() + 40
    before = len(taken)
    time.sleep(0.05)
    assert len(taken) == before  # closed, nothing is taken any more


def test_threads_prepare_while_results_are_used():
    prepared = []
    stream = prepare_ahead(range(100), prepared.append, 8)
    next(stream)
    deadline = time.monotonic() + 5
    while len(prepared) < 9 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(prepared) == 9  # 8 ahead of the one that was taken
    stream.close()


def test_batches_are_full_but_the_last():
    assert list(batches(iter(range(7)), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batches([], 3)) == []


@pytest.mark.parametrize("size", [0, -1, 2.0, True, "3"])
def test_batches_of_no_size_are_refused(size):
    with pytest.raises(ValueError, match="batch_size=.*expected an integer of 1"):
        batches([1], size)


def test_pictures_of_a_folder_in_order_of_name(tmp_path):
    hidden = ("._b.PNG", ".png")  # macOS puts the first beside each
    for name in ("b.PNG", "a.jpg", "ㄱ.webp", "notes.txt", "c.tiff", *hidden):
        (tmp_path / name).touch()
    assert picture_names(tmp_path) == ["a.jpg", "b.PNG", "c.tiff", "ㄱ.webp"]


def test_numbers_in_names_count_by_their_values(tmp_path):
    names = ["10.png", "2.png", "1b2.png", "1b10.png", "02.png", "a.png"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    assert picture_names(tmp_path) == [
        "1b2.png",
        "1b10.png",
        "02.png",
        "2.png",
        "10.png",
        "a.png",
    ]


def test_folders_without_pictures_are_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no picture in this folder"):
        picture_names(tmp_path)
    with pytest.raises(OSError):
        picture_names(tmp_path / "nowhere")
    (tmp_path / "a.png").touch()
    with pytest.raises(ValueError, match="a.png is no folder .* read by predict"):
        picture_names(tmp_path / "a.png")


def test_few_pictures_do_not_pay_for_what_may_wait(monkeypatch):
    submitted = []
    submit = ThreadPoolExecutor.submit

    def count_and_submit(pool, *task):
        submitted.append(task)
        return submit(pool, *task)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", count_and_submit)
    assert list(prepare_ahead([1], str, 10**9)) == [("1", None)]
    assert len(submitted) < 2000


@pytest.mark.parametrize("many", [0, 1, 31, 32, 33, 255, 256])
def test_pictures_prepared_together_come_in_order(many):
    squares = prepare_together(list(range(many)), lambda number: number**2)
    assert squares == [number**2 for number in range(many)]


def test_pictures_are_prepared_together_in_a_thread_each_core(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    meeting = threading.Barrier(4, timeout=20)  # broken unless four come at once

    def prepare(number):
        if number % 16 == 0:
            meeting.wait()
        return threading.get_ident()

    threads = prepare_together(np.arange(64), prepare)
    assert len(set(threads)) == 4
    assert all(len(set(threads[at : at + 16])) == 1 for at in range(0, 64, 16))


def test_small_arrays_stay_in_one_thread_and_large_ones_do_not(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 4)

    def prepare(picture):
        time.sleep(0.001)  # so that no thread takes all before the others begin
        return threading.get_ident()

    small = np.zeros((64, 96, 96), np.uint8)
    assert set(prepare_together(small, prepare)) == {threading.get_ident()}
    assert len(set(prepare_together([np.zeros((300, 300))] * 64, prepare))) == 4
    assert len(set(prepare_together([*small[:63], b""], prepare))) == 4


def test_the_first_error_of_pictures_prepared_together_is_raised(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 4)

    def prepare(number):
        if number in (20, 40):
            time.sleep(0.2 if number == 20 else 0)  # the later one is raised earlier
            raise ValueError(number)

    with pytest.raises(ValueError, match="20"):
        prepare_together(range(64), prepare)


@pytest.mark.parametrize("size", [np.int64(2), np.uint8(2)])
def test_sizes_may_be_numpys(size):
    assert list(batches(range(3), size)) == [[0, 1], [2]]

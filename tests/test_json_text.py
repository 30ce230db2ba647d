import pytest

from utils.json_text import read_object


@pytest.mark.parametrize(
    "data",
    [
        '{"가": 1}',
        '{"가": 1}'.encode(),
        '{"가": 1}'.encode("utf-8-sig"),
        '{"가": 1}'.encode("utf-16"),
    ],
)
def test_objects_in_any_encoding(data):
    assert read_object(data) == {"가": 1}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "not JSON .Expecting value"),
        (b"\xff\xfe\xff", "not JSON"),
        ("[1]", "expected a JSON object, got list"),
        ("null", "expected a JSON object, got NoneType"),
        ("[" * 10**5, "not JSON .nested too deep"),
        ('{"a":' * 10**5, "not JSON .nested too deep"),
        ('{"a": ' + "1" * 10**5 + "}", "not JSON .Exceeds the limit"),
    ],
)
def test_what_is_none_raises_one_kind_of_error(data, message):
    with pytest.raises(ValueError, match=message):
        read_object(data)

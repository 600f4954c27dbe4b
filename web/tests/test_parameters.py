"""Parameters in every encoding, fitted to what a handler declares."""

from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from litestar import Litestar, post
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException
from litestar.params import JSONBody
from litestar.testing import TestClient
from msgspec import UNSET, UnsetType, inspect

from twite_web.middleware.heads import plain_query
from twite_web.parameters import ParameterRequest, fit, nested


class Line(msgspec.Struct):
    name: str = ""
    value: str = ""


class Given(msgspec.Struct):
    picture: UploadFile | UnsetType | None = UNSET
    text: str | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    number: int | UnsetType | None = UNSET
    ids: list[str] | UnsetType = UNSET
    lines: list[Line] | UnsetType = UNSET
    source: Line | UnsetType = UNSET


@pytest.fixture
def sent():
    received = []

    @post("/", sync_to_thread=False)
    def handler(data: JSONBody[Given]) -> None:
        received.append(msgspec.to_builtins(data))

    app = Litestar([handler], request_class=ParameterRequest, openapi_config=None, logging_config=None)
    with TestClient(app) as client:

        def send(**request):
            received.clear()
            response = client.post("/", **request)
            return received[0] if received else response.status_code

        yield send


ENCODINGS: dict[str, dict[str, Any]] = {
    "json": {"json": {"ids": ["1", "2"], "lines": [{"name": "a", "value": "b"}], "source": {"name": "x"}}},
    "form": {
        "data": {"ids[]": ["1", "2"], "lines[0][name]": "a", "lines[0][value]": "b", "source[name]": "x"},
    },
    "indexed form": {
        "data": {"ids[0]": "1", "ids[1]": "2", "lines[0][name]": "a", "lines[0][value]": "b", "source[name]": "x"},
    },
    "multipart": {
        "files": [
            ("ids[]", (None, "1")),
            ("ids[]", (None, "2")),
            ("lines[0][name]", (None, "a")),
            ("lines[0][value]", (None, "b")),
            ("source[name]", (None, "x")),
        ]
    },
    "query": {"params": {"ids[]": ["1", "2"], "lines[0][name]": "a", "lines[0][value]": "b", "source[name]": "x"}},
    "object with numbers": {
        "json": {"ids": [1, 2], "lines": {"0": {"name": "a", "value": "b"}}, "source": {"name": "x"}}
    },
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_says_the_same(sent, encoding):
    assert sent(**ENCODINGS[encoding]) == {
        "ids": ["1", "2"],
        "lines": [{"name": "a", "value": "b"}],
        "source": {"name": "x", "value": ""},
    }


TWO_LINES = [
    ("lines[][name]", "a"),
    ("lines[][value]", "b"),
    ("lines[][name]", "c"),
    ("lines[][value]", "d"),
]


@pytest.mark.parametrize(
    "request_",
    [
        {"content": "&".join("=".join(pair) for pair in TWO_LINES)},
        {"content": urlencode(TWO_LINES)},
        {"files": [(name, (None, value)) for name, value in TWO_LINES]},
    ],
    ids=["form", "encoded form", "multipart"],
)
def test_a_name_that_comes_again_begins_the_next_element_of_a_list(sent, request_):
    form = {"headers": {"content-type": "application/x-www-form-urlencoded"}} if "content" in request_ else {}

    assert sent(**form, **request_)["lines"] == [{"name": "a", "value": "b"}, {"name": "c", "value": "d"}]


def test_elements_of_a_list_need_not_have_the_same_members():
    assert nested("a[][x]=1&a[][x]=2&a[][y]=3&b[][z][]=4&b[][z][]=5") == {
        "a": [{"x": "1"}, {"x": "2", "y": "3"}],
        "b": [{"z": ["4", "5"]}],
    }


def test_brackets_twice_are_brackets_once():
    assert nested("id[][]=1&id[][]=2") == nested("id%5B%5D%5B%5D=1&id[][]=2") == {"id": ["1", "2"]}


def test_null_is_not_given_where_it_means_nothing(sent):
    nothing = {
        "picture": None,
        "text": None,
        "locked": None,
        "number": None,
        "ids": None,
        "lines": None,
        "source": None,
    }

    assert sent(json=nothing) == {"picture": None, "number": None}


def test_null_within_an_element_is_not_given(sent):
    assert sent(json={"lines": [{"name": "a", "value": None}]}) == {"lines": [{"name": "a", "value": ""}]}


@pytest.mark.parametrize("value", ["false", "False", "f", "F", "0", "off", "OFF"])
def test_what_means_no_is_false(sent, value):
    assert sent(data={"locked": value}) == {"locked": False}


@pytest.mark.parametrize("value", ["true", "1", "on", "anything"])
def test_what_means_anything_else_is_true(sent, value):
    assert sent(data={"locked": value}) == {"locked": True}


def test_nothing_is_not_given(sent):
    assert sent(data={"locked": "", "number": ""}) == {"number": None}
    assert sent() == {}


def test_a_file_that_was_not_chosen_is_none(sent):
    part = b'--b\r\nContent-Disposition: form-data; name="picture"; filename=""\r\n\r\n\r\n--b--\r\n'

    assert sent(content=part, headers={"content-type": "multipart/form-data; boundary=b"}) == {"picture": None}


def test_one_value_where_a_list_belongs_is_a_list_of_one(sent):
    assert sent(data={"ids": "1"}) == {"ids": ["1"]}


def test_body_and_query_are_one_namespace(sent):
    assert sent(params={"text": "a"}, json={"number": 1}) == {"text": "a", "number": 1}


@pytest.mark.parametrize(
    "request_",
    [
        {"content": b"{", "headers": {"content-type": "application/json"}},
        {"content": b"[]", "headers": {"content-type": "application/json"}},
        {"content": b'"x"', "headers": {"content-type": "application/json"}},
        {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}},
        {"content": b'{"text": "\xff"}', "headers": {"content-type": "application/json"}},
        {"content": b"text=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"text=\xff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}},
        {
            "content": b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--b--\r\n',
            "headers": {"content-type": "multipart/form-data; boundary=b"},
        },
        {
            "content": "&".join(f"a{n}=1" for n in range(2000)),
            "headers": {"content-type": "application/x-www-form-urlencoded"},
        },
        {"json": {"ids": {"a": "b"}}},
        {"json": {"number": "x"}},
        {"json": {"lines": [1]}},
    ],
    ids=lambda request: str(request)[:60],
)
def test_what_cannot_be_understood_is_refused(sent, request_):
    assert sent(**request_) in {400, 413}


def test_deep_nesting_ends_somewhere():
    with pytest.raises(ClientException):
        fit(nested("&".join(["a" + "[b]" * 50 + "=1"] * 2)), Given) or nested("a=%c3%28")


@pytest.mark.parametrize(
    ("query", "plain"),
    [
        (b"id[]=1&id[]=2", b"id=1&id=2"),
        (b"id%5B%5D=1&id[3]=2", b"id=1&id=2"),
        (b"q=[]&limit=2", b"q=[]&limit=2"),
        (b"source[privacy]=x", b"source[privacy]=x"),
    ],
)
def test_lists_in_queries_become_repeated_names(query, plain):
    assert plain_query(query) == plain


BY_FORM = ("data", "files", "params")


def by(way, *pairs):
    """Return the request that sends pairs as a form, a multipart form or a query."""
    if way == "files":
        return {way: [(name, (None, value)) for name, value in pairs]}
    content = urlencode(pairs)
    if way == "params":
        return {way: content}
    return {"content": content, "headers": {"content-type": "application/x-www-form-urlencoded"}}


@pytest.mark.parametrize("way", BY_FORM)
@pytest.mark.parametrize(
    "pair",
    [
        *(("lines", "undefined"), ("lines", ""), ("lines[]", "undefined"), ("lines[0]", "undefined")),
        *(("lines[0][]", "x"), ("source", "undefined"), ("source", "[object Object]")),
        *(("source", ""), ("source[]", "x"), ("source[][name]", "x"), ("ids[a]", "b"), ("ids[][a]", "b")),
        *(("ids[0][0]", "b"), ("text[a]", "b"), ("text[]", "b"), ("locked[a]", "true"), ("locked[]", "true")),
        *(("number[a]", "1"), ("number[]", "1"), ("picture[a]", "x")),
    ],
    ids="=".join,
)
def test_what_is_of_the_wrong_shape_in_a_form_counts_as_not_sent(sent, way, pair):
    other = ("number", "1") if pair[0].startswith("text") else ("text", "a")

    assert sent(**by(way, pair, other)) == ({"text": "a"} if other[0] == "text" else {"number": 1})


@pytest.mark.parametrize("way", BY_FORM)
def test_the_rest_of_what_a_form_says_holds(sent, way):
    pairs = [
        *(("lines[0][name]", "a"), ("lines[0][value][x]", "b"), ("lines[1]", "undefined"), ("lines[2][name]", "c")),
        *(("source[name][]", "x"), ("source[value]", "y")),
    ]

    assert sent(**by(way, *pairs)) == {
        "lines": [{"name": "a", "value": ""}, {"name": "c", "value": ""}],
        "source": {"name": "", "value": "y"},
    }


@pytest.mark.parametrize("way", ["data", "files"])
def test_an_empty_element_is_how_a_form_says_that_a_list_is_empty(sent, way):
    assert sent(**by(way, ("lines[]", ""))) == {"lines": []}


@pytest.mark.parametrize(
    "given",
    [
        *({"lines": "undefined"}, {"lines": [1]}, {"lines": ["x", {}]}, {"source": "undefined"}, {"source": []}),
        *({"ids": {"a": "b"}}, {"ids": [{}]}, {"ids": [[]]}, {"text": {}}, {"text": ["x"]}, {"number": {}}),
        *({"locked": {}}, {"lines": [{"name": {}}]}, {"source": {"name": []}}),
    ],
    ids=str,
)
def test_what_is_of_the_wrong_shape_in_json_is_an_error(sent, given):
    assert sent(json=given) == 400


def test_a_query_beside_json_is_read_as_a_form(sent):
    assert sent(params={"lines": "undefined", "text": "a"}, json={"number": 1}) == {"text": "a", "number": 1}
    assert sent(params={"text": "a"}, json={"lines": "undefined"}) == 400


def nested_parameters(app):
    """Yield every parameter of the application that is a list or an object, with what its handler takes."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            field = handler.parsed_data_field
            if field is not None:
                info = inspect.type_info(field.annotation)
                assert isinstance(info, inspect.StructType)
                for one in info.fields:
                    kinds = one.type.types if isinstance(one.type, inspect.UnionType) else (one.type,)
                    for kind in kinds:
                        if isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.StructType):
                            yield field.annotation, one.encode_name, kind


def test_every_nested_parameter_of_the_application_is_fitted(bare):
    count = 0
    for struct, name, kind in nested_parameters(bare):
        of_objects = isinstance(kind, inspect.StructType) or isinstance(kind.item_type, inspect.StructType)
        for wrong in ["undefined", "", ["undefined"], [["x"]]] if of_objects else [{"a": "b"}, [{"a": "b"}], [["x"]]]:
            assert fit({name: wrong}, struct, by_form=True) == {}, (struct, name, wrong)
            msgspec.convert(fit({name: wrong}, struct, by_form=True), struct, strict=False)
        count += 1
    assert count > 40

"""Parameters of requests: JSON, form, multipart and query string, read into one nested dict (Rails' conventions).

`id[]=1&id[]=2` and `id[0]=1` are lists, `source[privacy]=public` is a dict, `a[][x]=1&a[][y]=2&a[][x]=3` a list of two
dicts; numbers may come as text and the other way round. Handlers declare a struct as `data`; what comes here is fitted
to it and then checked by msgspec.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast
from urllib.parse import unquote_plus

import msgspec
import qs_codec
from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler
from msgspec import inspect

FALSE = frozenset({"false", "f", "0", "off", "no"})
DEEPEST = 5
MOST_PARAMETERS = 1000


def _unquoted(text: str | None, _charset: qs_codec.Charset | None = None) -> str | None:
    """Return percent-encoded text decoded; broken UTF-8 is an error here and never a replacement character."""
    return None if text is None else unquote_plus(text, errors="strict")


_OPTIONS = qs_codec.DecodeOptions(
    depth=DEEPEST, parameter_limit=MOST_PARAMETERS, list_limit=200, raise_on_limit_exceeded=True, decoder=_unquoted
)
_BRACKETS = re.compile(rb"(?:\[|%5[Bb])\d*(?:\]|%5[Dd])(?==)")
_LIST_OF_DICTS = re.compile(r"(?:\[|%5B)(?:\]|%5D)(?=(?:\[|%5B)(?!\]|%5D))", re.IGNORECASE)


class ParameterRequest(Request[Any, Any, Any]):
    """A request whose `data` may come in any of the encodings, merged with the query string."""

    async def body(self) -> bytes:
        """Return the body; where there is none, that of a request without parameters."""
        return await super().body() or b"{}"

    async def json(self) -> Any:
        """Return the parameters, fitted to what the handler declares."""
        return await self._parameters()

    async def parameter(self, name: str) -> Any:
        """Return one parameter of the body as it came, whether or not the handler declares it."""
        return (await self._sent()).get(name)

    async def _parameters(self) -> dict[str, Any]:
        given = nested(original_query(self)) | await self._sent()
        field = self.route_handler.parsed_data_field
        if field is not None and isinstance(field.annotation, type) and issubclass(field.annotation, msgspec.Struct):
            return fit(given, field.annotation)
        return given

    async def _sent(self) -> dict[str, Any]:
        kind, _ = self.content_type
        body = await self.body()
        if kind == "multipart/form-data":
            form = await self._multipart()
            return nested(dict(_in_elements({name: form.getall(name) for name in form})))
        if kind == "application/x-www-form-urlencoded":
            return nested(_decoded(body) if body != b"{}" else "")
        return _from_json(body)

    async def _multipart(self) -> FormMultiDict:
        try:
            return await self.form()
        except (UnicodeDecodeError, LookupError) as error:
            raise ClientException("The request isn't valid UTF-8.") from error


def original_query(request: Request[Any, Any, Any]) -> str:
    """Return a request's query string as it was sent, before `plain_query`."""
    scope = cast("dict[str, Any]", request.scope)
    query: bytes = scope.get("original_query_string", scope["query_string"])
    return query.decode("latin-1")


def plain_query(query: bytes) -> bytes:
    """Return a query string in which lists are repeated names: `id[]=1&id[0]=2` becomes `id=1&id=2`."""
    if b"[" not in query and b"%5" not in query:
        return query
    return _BRACKETS.sub(b"", query)


def fit_query(request: Request[Any, Any, Any]) -> None:
    """Write a request's query anew as the framework reads it: any word for yes or no, and no number that is empty."""
    query: bytes = request.scope["query_string"]
    if not query:
        return
    kinds = _query_kinds(request.route_handler)
    pairs = query.split(b"&")
    fitted = [one for one in (_fit_pair(pair, kinds) for pair in pairs) if one]
    if fitted != pairs:
        cast("dict[str, Any]", request.scope)["query_string"] = b"&".join(fitted)


@cache
def _query_kinds(handler: BaseRouteHandler) -> dict[bytes, type[bool | int]]:
    """Return which parameters of a handler, and of what is provided to it, are bools and numbers, by their names."""
    provided = [one.parsed_fn_signature for one in handler.resolve_dependencies().values()]
    named = [pair for one in (handler.parsed_fn_signature, *provided) for pair in one.parameters.items()]
    return {
        name.encode(): bool if field.is_subclass_of(bool) else int
        for name, field in named
        if field.is_subclass_of(int) or field.annotation == int | None
    }


def _fit_pair(pair: bytes, kinds: dict[bytes, type[bool | int]]) -> bytes:
    name, _, value = pair.partition(b"=")
    kind = kinds.get(name)
    if kind is None:
        return pair
    if not value:
        return b""
    if kind is int:
        return pair
    return name + (b"=false" if value.decode("latin-1").lower() in FALSE else b"=true")


def nested(given: str | dict[str, Any]) -> dict[str, Any]:
    """Return parameters as nested dicts and lists.

    Raises ClientException (400) for more or deeper ones than anything here takes.
    """
    if isinstance(given, str) and _LIST_OF_DICTS.search(given):
        given = "&".join("=".join(pair) for pair in _numbered(part.split("=", 1) for part in given.split("&")))
    try:
        return dict(qs_codec.decode(given, _OPTIONS)) if given else {}
    except (ValueError, IndexError, TypeError) as error:
        raise ClientException("The parameters can't be understood.") from error


def _numbered(pairs: Iterable[list[str]]) -> Iterator[list[str]]:
    """Number the elements of lists of dicts: a name that the last element has begins the next one, as Rack has it."""
    elements: dict[str, tuple[int, set[str]]] = {}
    for name, *value in pairs:
        found = _LIST_OF_DICTS.search(name)
        if found is None:
            yield [name, *value]
            continue
        of, member = name[: found.start()], name[found.end() :]
        number, members = elements.get(of, (0, set()))
        if member in members and not member.upper().endswith(("[]", "%5B%5D")):
            number, members = number + 1, set()
        elements[of] = (number, members | {member})
        yield [f"{of}[{number}]{member}", *value]


def _in_elements(form: dict[str, list[Any]]) -> Iterator[tuple[str, Any]]:
    """Number the same in a multipart form, known by its names alone: a name's first value is the first element's."""
    for name, values in form.items():
        if _LIST_OF_DICTS.search(name) and not name.endswith("[]"):
            for number, value in enumerate(values):
                yield _LIST_OF_DICTS.sub(f"[{number}]", name, count=1), value
        else:
            yield name, values[0] if len(values) == 1 else values


def fit(given: dict[str, Any], struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return parameters in the shapes that a struct's fields have; what fits nothing is left for the check."""
    fitted: dict[str, Any] = {}
    for field in _fields(struct):
        if field.encode_name in given:
            value = _fit_value(given[field.encode_name], field.type)
            if value is not msgspec.UNSET:
                fitted[field.encode_name] = value
    return fitted


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - narrows the type
    return info.fields


def _fit_value(value: Any, kind: inspect.Type) -> Any:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    if value is None:
        # What can't be null wasn't given: typed clients send all that they know of.
        nullable = any(isinstance(one, inspect.NoneType | inspect.AnyType) for one in kinds)
        return None if nullable else msgspec.UNSET
    for one in kinds:
        if isinstance(one, inspect.BoolType):
            return _fit_bool(value)
        if isinstance(one, inspect.ListType | inspect.VarTupleType):
            return [_fit_value(item, one.item_type) for item in _as_list(value)]
        if isinstance(one, inspect.StructType) and isinstance(value, dict):
            return fit(value, one.cls)
        if isinstance(one, inspect.StrType) and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if isinstance(one, inspect.IntType | inspect.CustomType) and value == "":
            # An empty field; browsers send one for a file that wasn't chosen, too.
            return None if any(isinstance(other, inspect.NoneType) for other in kinds) else msgspec.UNSET
    return value


def _fit_bool(value: Any) -> Any:
    if isinstance(value, str):
        return msgspec.UNSET if value == "" else value.lower() not in FALSE
    return bool(value) if isinstance(value, int) else value


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, dict) and all(str(key).isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value if isinstance(value, list) else [value]


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ClientException("The request isn't valid UTF-8.") from error


def _from_json(body: bytes) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientException(f"The body isn't valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise ClientException("The body must be a JSON object.")
    return content

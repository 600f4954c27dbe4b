"""Request parameters: JSON, form, multipart and query string, parsed into one nested dict (Rails' conventions).

`id[]=1&id[]=2` and `id[0]=1` are lists, `source[privacy]=public` is a dict, `a[][x]=1&a[][y]=2&a[][x]=3` a list of two
dicts; numbers may come as text and the other way round. Handlers declare a struct as `data`; what comes here is fitted
to it and then checked by msgspec.

What would keep the event loop busy for long is read in a thread of its own kind, and what has more parts than anything
here takes isn't taken apart at all.
"""

import asyncio
import contextvars
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from types import UnionType
from typing import Any, BinaryIO, TypeVar
from urllib.parse import unquote_plus

import msgspec
import qs_codec
from litestar.exceptions import ClientException, ValidationException
from litestar.handlers import BaseRouteHandler
from msgspec import inspect

from twite_common.errors import Invalid
from twite_common.translations import gettext as _
from twite_web import multipart
from twite_web.core import core
from twite_web.middleware import bodies
from twite_web.middleware.bodies import Body
from twite_web.multipart import MAX_PARAMETERS
from twite_web.types import Request, as_dict

Read = TypeVar("Read")

FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
FALSE = frozenset({"false", "f", "0", "off", "no"})
DEEPEST = 5
MAX_ELEMENTS = 200
"""Elements of a list that a handler takes."""
MAX_JSON_PARTS = 10_000
"""Members and elements of a JSON body: of so many msgspec makes objects in some milliseconds, and then structs."""
LONG, MANY, MANY_ESCAPED = 16 * 1024, 200, 1000
"""Bytes, parts (names and brackets, or JSON's members and elements) and escaped bytes of parameters, from which on they
are read and fitted in a thread: 200 of the deepest take 9 ms."""
MAX_INDEX_LENGTH = 9
"""Digits of an element's number."""
READERS = ThreadPoolExecutor(2, thread_name_prefix="reading")
"""Few threads, since each that computes has the event loop wait for its turn; and none of those that handlers need."""
PARAMETERS_KEY = "twite_parameters"
"""Where a request's scope holds its body's parameters."""


def _unquoted(text: str | None, _charset: qs_codec.Charset | None = None) -> str | None:
    """Return percent-encoded text decoded; broken UTF-8 is an error here and never a replacement character."""
    return None if text is None else unquote_plus(text, errors="strict")


_OPTIONS = qs_codec.DecodeOptions(
    depth=DEEPEST,
    parameter_limit=MAX_PARAMETERS,
    list_limit=MAX_ELEMENTS,
    raise_on_limit_exceeded=True,
    decoder=_unquoted,
)
_LIST_OF_DICTS = re.compile(r"(?:\[|%5B)(?:\]|%5D)(?=(?:\[|%5B)(?!\]|%5D))", re.IGNORECASE)


class Sent(msgspec.Struct, frozen=True):
    """What came in a body, and whether there is so little of it that nobody has to wait while it is fitted."""

    parameters: dict[str, Any]
    quick: bool


class ParameterRequest(Request):
    """A request whose `data` may come in any of the encodings, merged with the query string."""

    async def body(self) -> bytes:
        """Return the body, unless it is kept in a file; where there is none, that of a request without parameters."""
        received = self._received()
        return (await super().body() if received is None else received.content) or b"{}"

    async def json(self) -> Any:
        """Return the parameters, fitted to what the handler declares."""
        return await self._parameters()

    async def parameter(self, name: str) -> Any:
        """Return one parameter of the body as it came, whether or not the handler declares it."""
        return (await self._sent()).parameters.get(name)

    async def _parameters(self) -> dict[str, Any]:
        query, sent = original_query(self), await self._sent()
        quick = is_quick(query)
        field = self.route_handler.parsed_data_field
        declared = None if field is None else field.annotation
        struct = declared if isinstance(declared, type) and issubclass(declared, msgspec.Struct) else None
        by_form = self.content_type[0] in FORMS
        return await _read(quick and sent.quick, _merged, query, sent.parameters, struct, by_form)

    async def _sent(self) -> Sent:
        scope = as_dict(self.scope)
        if PARAMETERS_KEY not in scope:
            scope[PARAMETERS_KEY] = await self._read_body()
        sent: Sent = scope[PARAMETERS_KEY]
        return sent

    async def _read_body(self) -> Sent:
        kind, options = self.content_type
        content = await self.body()
        if kind == "multipart/form-data":
            return await self._form_with_files(content, options.get("boundary"))
        if kind == "application/x-www-form-urlencoded":
            form = b"" if content == b"{}" else content
            if form.count(b"&") > MAX_PARAMETERS:
                raise ClientException("There are too many parameters.")
            quick = is_quick(form)
            return Sent(await _read(quick, _from_form, form), quick)
        quick = is_quick_json(content)
        return Sent(await _read(quick, _from_json, content), quick)

    async def _form_with_files(self, content: bytes, boundary: str | None) -> Sent:
        if boundary is None:
            raise ValidationException(_("multipart boundary missing in Content-Type"))
        received = self._received()
        file = None if received is None else received.file
        quick = file is None and len(content) <= LONG and content.count(boundary.encode()) + _parts(content) <= MANY
        folder = None if file is None else str(core(self).settings.scratch)
        fields, parameters = await _read(quick, _from_form_with_files, file or io.BytesIO(content), boundary, folder)
        # Whatever becomes of the request, the framework closes the files at its end.
        self._connection_state.form = {**fields}
        return Sent(parameters, quick)

    def _received(self) -> Body | None:
        body: Body | None = as_dict(self.scope).get(bodies.SCOPE_KEY)
        return body


async def _read(quick: bool, read: Callable[..., Read], *given: Any) -> Read:
    """Read something at once, or in a thread where that may take long."""
    if quick:
        return read(*given)
    # The context says in which language something is refused.
    in_context = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(READERS, in_context, read, *given)


def is_quick(given: str | bytes) -> bool:
    """Say whether parameters are so few and short that nobody has to wait while they are read."""
    text = given.encode("latin-1") if isinstance(given, str) else given
    return len(text) <= LONG and text.count(b"&") + _parts(text) <= MANY and text.count(b"%") <= MANY_ESCAPED


def is_quick_json(body: bytes) -> bool:
    """Say the same of a body in JSON. Raises ClientException (400) for more parts than anything here takes."""
    parts = sum(body.count(mark) for mark in (b",", b"[", b"{"))
    if parts > MAX_JSON_PARTS:
        raise ClientException("The body has too many parts.")
    return len(body) <= LONG and parts <= MANY


def _parts(names: bytes) -> int:
    """Return how many brackets there are at most in names of parameters."""
    return names.count(b"[") + names.count(b"%5")


def _merged(query: str, sent: dict[str, Any], struct: type[msgspec.Struct] | None, by_form: bool) -> dict[str, Any]:
    """Return the parameters of a query and of a body, fitted to a struct if one is declared."""
    asked = nested(query)
    if struct is None:
        return asked | sent
    further = {name: value for name, value in asked.items() if name not in sent}
    return fit(further, struct, by_form=True) | fit(sent, struct, by_form=by_form)


def original_query(request: Request) -> str:
    """Return a request's query string as it was sent, before `heads.plain_query`."""
    scope = as_dict(request.scope)
    query: bytes = scope.get("original_query_string", scope["query_string"])
    return query.decode("latin-1")


def fit_query(request: Request) -> None:
    """Write a request's query anew as the framework reads it: any word for yes or no, and no number that is empty.

    Raises Invalid for a list with more elements than anything here takes.
    """
    query: bytes = request.scope["query_string"]
    if not query:
        return
    kinds = _query_kinds(request.route_handler)
    pairs = query.split(b"&")
    if len(pairs) > MAX_ELEMENTS:
        name, number = Counter(pair.partition(b"=")[0] for pair in pairs).most_common(1)[0]
        _check_number(number, name.decode("latin-1"))
    fitted = list(filter(None, (_fit_pair(pair, kinds) for pair in pairs)))
    if fitted != pairs:
        as_dict(request.scope)["query_string"] = b"&".join(fitted)


@cache
def _query_kinds(handler: BaseRouteHandler) -> dict[bytes, type[bool | int]]:
    """Return which parameters of a handler, and of what is provided to it, are bools and numbers, by their names."""
    provided = [provide.parsed_fn_signature for provide in handler.resolve_dependencies().values()]
    signatures = (handler.parsed_fn_signature, *provided)
    named = [pair for signature in signatures for pair in signature.parameters.items()]
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
        brackets = _LIST_OF_DICTS.search(name)
        if brackets is None:
            yield [name, *value]
            continue
        of, member = name[: brackets.start()], name[brackets.end() :]
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


def fit(given: dict[str, Any], struct: type[msgspec.Struct], *, by_form: bool = False) -> dict[str, Any]:
    """Return parameters in the shapes that a struct's fields have; what fits nothing is left for the check.

    In a form, and in a query, what is of another shape counts as not sent, as by Rails' strong parameters: a text where
    an object is wanted, for example, which is what a script makes of something that it doesn't have.
    Raises Invalid for a list with more elements than anything here takes.
    """
    fitted: dict[str, Any] = {}
    for field in _fields(struct):
        if field.encode_name in given:
            value = _fit_value(given[field.encode_name], field.type, field.encode_name, by_form)
            if value is not msgspec.UNSET:
                fitted[field.encode_name] = value
    return fitted


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - narrows the type
    return info.fields


def _fit_value(value: Any, kind: inspect.Type, name: str, by_form: bool) -> Any:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    if value is None:
        # What can't be null wasn't given: typed clients send all that they know of.
        return None if _any_of(kinds, inspect.NoneType | inspect.AnyType) else msgspec.UNSET
    if by_form and (value := _of_shape(value, kinds, name)) is msgspec.UNSET:
        return msgspec.UNSET
    if value == "" and _any_of(kinds, inspect.IntType | inspect.CustomType):
        # An empty field; browsers send one for a file that wasn't chosen, too.
        return None if _any_of(kinds, inspect.NoneType) else msgspec.UNSET
    return _fit_given(value, kinds, name, by_form)


def _fit_given(value: Any, kinds: tuple[inspect.Type, ...], name: str, by_form: bool) -> Any:
    for one in kinds:
        if isinstance(one, inspect.ListType | inspect.VarTupleType):
            return [_fit_value(item, one.item_type, name, by_form) for item in _as_list(value, name)]
        if isinstance(one, inspect.StructType) and isinstance(value, dict):
            return fit(value, one.cls, by_form=by_form)
    return _fit_scalar(value, kinds)


def _any_of(kinds: tuple[inspect.Type, ...], wanted: type[inspect.Type] | UnionType) -> bool:
    return any(isinstance(kind, wanted) for kind in kinds)


def _fit_scalar(value: Any, kinds: tuple[inspect.Type, ...]) -> Any:
    if _any_of(kinds, inspect.BoolType):
        return _fit_bool(value)
    if _any_of(kinds, inspect.StrType) and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _of_shape(value: Any, kinds: tuple[inspect.Type, ...], name: str) -> Any:
    """Return of a value what has the shape that is wanted, or UNSET: one value, an object, or a list of either."""
    for type_ in kinds:
        if isinstance(type_, inspect.StructType):
            return value if isinstance(value, dict) else msgspec.UNSET
        if isinstance(type_, inspect.ListType | inspect.VarTupleType):
            return _list_of_shape(value, type_.item_type, name)
    return msgspec.UNSET if isinstance(value, dict | list) else value


def _list_of_shape(value: Any, kind: inspect.Type, name: str) -> Any:
    items = _as_list(value, name)
    if isinstance(kind, inspect.StructType):
        objects = [item for item in items if isinstance(item, dict)]
        # An empty element is how a form says that there are none.
        return objects if objects or value == [""] else msgspec.UNSET
    return msgspec.UNSET if any(isinstance(item, dict | list) for item in items) else items


def _fit_bool(value: Any) -> Any:
    if isinstance(value, str):
        return msgspec.UNSET if value == "" else value.lower() not in FALSE
    return bool(value) if isinstance(value, int) else value


def _as_list(value: Any, name: str) -> list[Any]:
    if isinstance(value, dict | list):
        _check_number(len(value), name)
    if isinstance(value, dict) and all(_is_index(key) for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value if isinstance(value, list) else [value]


def _is_index(key: str) -> bool:
    return len(key) <= MAX_INDEX_LENGTH and key.isascii() and key.isdigit()


def _check_number(number: int, name: str) -> None:
    if number > MAX_ELEMENTS:
        raise Invalid(_("Validation failed: %(name)s may have %(most)s elements at most", name=name, most=MAX_ELEMENTS))


def _from_form(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ClientException("The request isn't valid UTF-8.") from error
    return nested(text)


def _from_form_with_files(
    body: BinaryIO, boundary: str, folder: str | None
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return a form's fields as they came, and as nested parameters."""
    body.seek(0)
    fields = multipart.read(body, boundary, folder)
    try:
        return fields, nested(dict(_in_elements(fields)))
    except BaseException:
        multipart.close(fields)
        raise


def _from_json(body: bytes) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientException(f"The body isn't valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise ClientException("The body must be a JSON object.")
    return content

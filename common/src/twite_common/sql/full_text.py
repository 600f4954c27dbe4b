"""The full-text index of posts, different in each database.

SQLite's (FTS5) gives what it finds newest first, and can stop anywhere. PostgreSQL's (GIN) gives everything in no
order, and of a phrase only which posts have all of its words: whether these stand together is seen when a post is read,
which takes some 80 µs each.
"""

import re
from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, ColumnElement, FromClause
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from twite_common.sql.dialects import Condition

_SURE = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)
_BETWEEN = "(?:<[^>]*>|&[a-z0-9#]+;|[^[:alnum:]])+"
"""What PostgreSQL passes over between words: signs, and what looks like HTML."""


class TextFound(Condition):
    """The condition that a post's text is what a query looks for.

    Takes the columns `id`, `spoiler_text` and `text` of a post, and what `text_query` returns. A query that only says
    what there mustn't be finds nothing.
    """

    name = "text_found"
    inherit_cache = True


@compiles(TextFound, "sqlite")
def _found_by_fts5(element: TextFound, compiler: SQLCompiler, **options: object) -> str:
    id, _spoiler_text, _text, query = (compiler.process(clause, **options) for clause in element.clauses)
    # With "+", so that posts aren't read in the order of all that is found, each by its id.
    return f"(+{id} IN (SELECT rowid FROM post_search WHERE post_search MATCH {query}))"  # noqa: S608 - made of columns and a parameter


@compiles(TextFound, "postgresql")
def _found_by_tsvector(element: TextFound, compiler: SQLCompiler, **options: object) -> str:
    _id, spoiler_text, text, query = (compiler.process(clause, **options) for clause in element.clauses)
    # Made once and not for each text, where the plan is one for any query.
    sought = f"(SELECT {_sought(query)})"
    return f"({_has_words(sought)} AND {_indexed(spoiler_text, text)} @@ {sought})"


class TextConfirmed(Condition):
    """The condition that a post of `matches` is what the query looks for, and not only has its words.

    Takes the columns `spoiler_text` and `text` of a post, and both queries that `matches` was given.
    """

    name = "text_confirmed"
    inherit_cache = True


@compiles(TextConfirmed, "sqlite")
def _confirmed_by_fts5(_element: TextConfirmed, _compiler: SQLCompiler, **_options: object) -> str:
    return "TRUE"


@compiles(TextConfirmed, "postgresql")
def _confirmed_by_tsvector(element: TextConfirmed, compiler: SQLCompiler, **options: object) -> str:
    spoiler_text, text, words, query = (compiler.process(clause, **options) for clause in element.clauses)
    sought = _sought(query)
    # Where the index was asked for all that there is to the query, texts need no second look, which costs much more.
    return f"((SELECT {_in_any_order(words)} = {sought}) OR {_indexed(spoiler_text, text)} @@ (SELECT {sought}))"


class TextLikely(Condition):
    """The condition that a post's text may be found, as far as a pattern tells, which takes a tenth of looking.

    Takes the columns `spoiler_text` and `text` of a post, and what `sure_pattern` returns.
    """

    name = "text_likely"
    inherit_cache = True


@compiles(TextLikely, "sqlite")
def _likely_for_fts5(_element: TextLikely, _compiler: SQLCompiler, **_options: object) -> str:
    return "TRUE"


@compiles(TextLikely, "postgresql")
def _likely_by_pattern(element: TextLikely, compiler: SQLCompiler, **options: object) -> str:
    spoiler_text, text, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({pattern} = '' OR {spoiler_text} || ' ' || {text} ~* {pattern})"


class _Matches(FunctionElement[int]):
    name = "matches"
    inherit_cache = True


def matches(
    words: ColumnElement[str],
    query: ColumnElement[str],
    first_id: ColumnElement[int],
    last_id: ColumnElement[int],
    *conditions: ColumnElement[bool],
) -> FromClause:
    """Return what has the ids of the posts that a query finds, by the index alone; to be read newest first.

    `words` is the query with only those exclusions that are one word to every index. PostgreSQL looks for the words of
    this one only: see `TextConfirmed`. It reads all matches, and drops those whose own columns don't fulfil the
    conditions, which hold for what is read later, too.
    """
    return _Matches(words, query, first_id, last_id, *conditions).table_valued(Column("id", BigInteger)).alias("found")


@compiles(_Matches, "sqlite")
def _matches_of_fts5(element: _Matches, compiler: SQLCompiler, **options: object) -> str:
    query, first_id, last_id = (compiler.process(clause, **options) for clause in list(element.clauses)[1:4])
    return (
        f"(SELECT rowid AS id FROM post_search WHERE post_search MATCH {query}"  # noqa: S608 - made of parameters
        f" AND rowid >= {first_id} AND rowid <= {last_id})"
    )


@compiles(_Matches, "postgresql")
def _matches_of_gin(element: _Matches, compiler: SQLCompiler, **options: object) -> str:
    bound_words, _query, *other_clauses = element.clauses
    words, first_id, last_id, *conditions = (
        compiler.process(clause, **options) for clause in (bound_words, *other_clauses)
    )
    further = "".join(f" AND ({condition})" for condition in conditions)
    # Made before the plan is, which is the same for any query then, and kept.
    sought = f"(SELECT {_in_any_order(words)})"
    # Nothing but the index of texts fits this: not the one of ids, and "OFFSET 0" keeps all of it apart from the rest.
    return (
        f"(SELECT id + 0 AS id FROM post WHERE boost_of_id IS NULL AND {_indexed('spoiler_text', 'text')} @@ {sought}"  # noqa: S608 - made of parameters
        f" AND id + 0 >= {first_id} AND id + 0 <= {last_id}{further} AND (SELECT {_has_words(sought)})"
        " ORDER BY id + 0 DESC OFFSET 0)"
    )


def _has_words(sought: str) -> str:
    """Return the condition that a query says what there is to be: of one that doesn't, all the rest would be found."""
    return f"querytree({sought}) NOT IN ('', 'T')"


def _indexed(spoiler_text: str, text: str) -> str:
    """Return, to the letter, the expression of the index."""
    return f"to_tsvector('simple', {spoiler_text} || ' ' || {text})"


def _sought(query: str) -> str:
    return f"websearch_to_tsquery('simple', {query})"


def _in_any_order(query: str) -> str:
    """Return a query for a phrase's words, wherever they stand: of phrases the index has each of these posts read."""
    return f"CAST(regexp_replace(CAST({_sought(query)} AS text), '<(-|[0-9]+)>', '&', 'g') AS tsquery)"


def finds_newest_first(db: Connection) -> bool:
    """Say whether the index gives the newest of many matches without looking at all of them."""
    return db.dialect.name == "sqlite"


def sure_words(phrases: Sequence[str]) -> list[str]:
    """Return those phrases that are one word to every index: of Latin letters. Others may be taken apart."""
    return [phrase for phrase in phrases if _SURE.fullmatch(phrase)]


def sure_word(phrases: Sequence[str]) -> str:
    """Return a word that every text has as it is, in some case, in which all of the phrases are found; "" for none."""
    return max((phrase.lower() for phrase in sure_words(phrases)), key=len, default="")


def sure_pattern(phrases: Sequence[str]) -> str:
    """Return a regular expression that every text matches in which all of the phrases are found; "" for none.

    It is that of the longest phrase whose words are Latin letters: between them there may be what is no word.
    """
    words = [phrase.lower().split() for phrase in phrases]
    sure = [several for several in words if len(several) > 1 and all(map(_SURE.fullmatch, several))]
    longest: list[str] = max(sure, key=len, default=[])
    return _BETWEEN.join(longest)


def text_query(db: Connection, phrases: Sequence[str], without: Sequence[str] = (), *, any_of: bool = False) -> str:
    """Return a query for all or any of some phrases, and none of others, in the index's own words.

    No phrases find nothing.
    """
    quoted = [_quoted(phrase) for phrase in phrases] or ['""']
    unwanted = [_quoted(phrase) for phrase in without]
    if db.dialect.name == "sqlite":
        sought = (" OR " if any_of else " AND ").join(quoted)
        return f"({sought}) NOT ({' OR '.join(unwanted)})" if unwanted else sought
    return " ".join([(" OR " if any_of else " ").join(quoted), *[f"-{phrase}" for phrase in unwanted]])


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', " ") + '"'

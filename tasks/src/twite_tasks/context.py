"""What a task process holds: the settings and the things made from them once, at start."""

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from twite_broker import news
from twite_broker.dispatcher import Dispatcher
from twite_common.database import Database, connect
from twite_common.secret import Sealer, Signer, push_key, sealer, signer
from twite_common.settings import Settings

READERS = 12
"""Connections for reading that a worker has at most: its threads read for a moment only."""


class Context(msgspec.Struct, frozen=True):
    """Everything that tasks work with."""

    settings: Settings
    database: Database
    signer: Signer
    sealer: Sealer
    push_key: ec.EllipticCurvePrivateKey


def make(settings: Settings) -> Context:
    """Return the context for a site; rows that tasks write dispatch further tasks to the broker."""
    dispatcher = Dispatcher(settings)
    database = connect(settings, dispatcher.dispatch, publish=news.publisher(settings), readers=READERS)
    return Context(settings, database, signer(settings), sealer(settings), push_key(settings))

"""What a task process holds: the settings and the things made from them once, at start."""

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from twite_broker.dispatcher import Announcer
from twite_common.database import Database, connect
from twite_common.secret import Sealer, Signer, push_key, sealer, signer
from twite_common.settings import Settings

READERS = 12
"""Connections for reading that a worker has at most: its threads read for a moment only."""


class Equipment(msgspec.Struct, frozen=True):
    """Everything that tasks work with."""

    settings: Settings
    database: Database
    signer: Signer
    sealer: Sealer
    push_key: ec.EllipticCurvePrivateKey


def make(settings: Settings) -> Equipment:
    """Return the equipment for a site; rows that tasks write announce further tasks to the broker."""
    announcer = Announcer(settings)
    database = connect(settings, announcer.announce, readers=READERS)
    return Equipment(settings, database, signer(settings), sealer(settings), push_key(settings))

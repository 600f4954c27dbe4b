"""Acting for an account that isn't one's own: by which membership, and what its role lets.

Who acts is a matter of the context, as the language is: the account itself, until `switch` says otherwise. So no
service that publishes has to be told, and none can forget to ask.
"""

from contextvars import ContextVar

import msgspec

from twite_common.errors import Conflict, NotAllowed
from twite_common.translations import gettext as _
from twite_common.translations import marked

ANSWERS, WRITES, LOOKS_AFTER = "answers", "writes", "looks_after"
ROLES = (ANSWERS, WRITES, LOOKS_AFTER)
"""What members may be, each of which may do all that those before it may."""
OWNER_ALONE = marked("You act for @%(name)s. This is for those alone who log in to that account.")
ROLE_TOO_SMALL = marked("You act for @%(name)s, and your role there doesn't let you do this.")


class Acting(msgspec.Struct, frozen=True, gc=False):
    """By which membership somebody acts for an account. `used_at` is in milliseconds, to some minutes."""

    membership_id: int
    account_name: str
    member_id: int
    member_name: str
    role: str
    used_at: int | None

    def lets(self, role: str | None) -> bool:
        """Say whether it lets do what takes a role; None stands for what only owners do."""
        return role is not None and ROLES.index(self.role) >= ROLES.index(role)


class ActingRefused(NotAllowed):
    """Whoever acts for an account may not do this."""


class ActsOtherwise(Conflict):
    """A form was opened as another account than the one that its session acts for by now."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This page was opened as another account than the one that you act for now. Nothing was changed. "
                "Please look who is acting, and send it again."
            )
        )


_current: ContextVar[Acting | None] = ContextVar("acting", default=None)


def current() -> Acting | None:
    """Return by which membership somebody acts here; None where the account acts itself."""
    return _current.get()


def switch(acting: Acting | None) -> None:
    """Have somebody act by a membership in the rest of this context, which must be one that ends: a request's."""
    _current.set(acting)


def check(acting: Acting | None, role: str | None) -> None:
    """Raise ActingRefused where somebody acts who may not do what takes a role; None stands for owners alone."""
    if acting is not None and not acting.lets(role):
        sentence = OWNER_ALONE if role is None else ROLE_TOO_SMALL
        raise ActingRefused(_(sentence, name=acting.account_name))

"""The mails that a site of a test's own writes into its folder."""

import email
import re
from email import policy

from support.site_under_test import Site, wait_for


def link_in_mail(site: Site, path: str, *, to: str = "") -> str:
    """Return the link in the only mail to somebody that has one to that path, once it was written."""

    def found() -> str | None:
        for file in (site.folder / "data" / "mail").glob("*.eml"):
            message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            match = re.search(rf"\S+{path}\S+", body.get_content()) if body else None
            if match and to in message["To"]:
                return match[0]
        return None

    return str(wait_for(found, site.printed))

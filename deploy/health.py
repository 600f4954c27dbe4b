"""Ask this machine's web process whether it is well; exits with 1 when it isn't. `health.py 8002` asks the one at 8002.

For HEALTHCHECK in the Dockerfile and for twite-restart. A web process answers only for its own site's name, which is
why this isn't a single line of curl.
"""

import http.client
import sys

from twite_common import settings


def main() -> int:
    """Return the exit code."""
    found = settings.load()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else found.port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health", headers={"Host": found.domain})
        return 0 if connection.getresponse().status == http.client.OK else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())

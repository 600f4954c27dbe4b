"""A program for terminals that is let in as a device: it prints an address and a code, waits, and says who it is.

It knows nothing of Twite but what the server says of itself (RFC 8414), as programs of others do.
"""

import sys
import time

import requests

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def main(base_url: str) -> None:
    """Log in and print the account's name."""
    server = requests.get(f"{base_url}/.well-known/oauth-authorization-server", timeout=30).json()
    asked = {"client_name": "A terminal", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"}
    app = requests.post(server["app_registration_endpoint"], json=asked, timeout=30).json()
    wanted = {"client_id": app["client_id"], "scope": "read"}
    codes = requests.post(server["device_authorization_endpoint"], data=wanted, timeout=30).json()
    say(f"{codes['verification_uri']} {codes['user_code']}")
    token = wait_for_token(server["token_endpoint"], app["client_id"], codes)
    mine = requests.get(
        f"{base_url}/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    say(mine.json()["username"])


def wait_for_token(token_endpoint: str, client_id: str, codes: dict[str, str]) -> str:
    """Ask for the token until somebody has said yes, as often as the server allows (RFC 8628, section 3.5)."""
    interval = int(codes["interval"])
    while True:
        time.sleep(interval)
        sent = {"grant_type": GRANT, "device_code": codes["device_code"], "client_id": client_id}
        answer = requests.post(token_endpoint, data=sent, timeout=30).json()
        if "access_token" in answer:
            return str(answer["access_token"])
        if answer["error"] == "slow_down":
            interval += 5
        elif answer["error"] != "authorization_pending":
            sys.exit(answer["error"])


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])

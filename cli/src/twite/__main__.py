"""`python -m twite` is the command `twite`."""

from twite.main import main

main(prog_name="twite")

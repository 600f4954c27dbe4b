"""`python -m twite` is the command `twite`."""

from twite.start import main

main()

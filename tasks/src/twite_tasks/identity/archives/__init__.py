"""Making archives: all of an account's own in a file (`twite_common.services.identity.archives`)."""

"""The API's schemas: what its clients are sent, with the names that they know."""

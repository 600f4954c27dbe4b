"""Where entities are made: Twite's structs in, the client API's words out."""

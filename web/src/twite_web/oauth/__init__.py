"""OAuth 2: Authlib's protocol logic over the applications, grants and tokens of `twite_common`."""

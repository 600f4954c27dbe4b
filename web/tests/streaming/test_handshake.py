"""How a connection is refused."""

import asyncio

from twite_web.streaming.handshake import MAX_REASON_BYTES, Opening


def test_a_reason_for_closing_fits_in_its_frame_in_any_language():
    opening = Opening({"type": "websocket", "path": "/", "query_string": b"", "headers": []})
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(opening.refuse(send, 429, "接続が多すぎます。" * 20))

    (close,) = sent
    assert close["type"] == "websocket.close"
    assert MAX_REASON_BYTES - 3 < len(close["reason"].encode()) <= MAX_REASON_BYTES

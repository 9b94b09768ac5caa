"""A page that other machines reach without a password: it is read, and nothing that writes answers."""

from __future__ import annotations

import httpx
from serving import serving


def test_nothing_writes_without_a_password_or_a_key_where_other_machines_reach(tmp_path):
    options = ("--host", "0.0.0.0", "--public")
    with serving(tmp_path, *options) as address, httpx.Client(base_url=address, timeout=30) as client:
        assert client.post("/v1/ask", json={"question": "When was the harbour dug?"}).json()["answered"]
        new = {"name": "buoy", "text": "The buoy was painted green in 1901."}
        assert client.post("/v1/texts", json=new).status_code == 401
        assert client.post("/gradio_api/upload", files={"files": b"The buoy."}).status_code == 403
        call = {"text": new["text"], "name": "buoy", "mode": "add", "files": []}
        number = client.post("/gradio_api/call/v2/rebuild", json=call).json()["event_id"]
        assert "without a password or a key" in client.get(f"/gradio_api/call/v2/rebuild/{number}").text
        names = [one["name"] for one in client.get("/v1/documents").json()["documents"]]
        assert "buoy.txt" not in names
        evil = client.post("/v1/ask", json={"question": "Who?"}, headers={"origin": "http://evil.example"})
        assert (evil.status_code, evil.json()["error"]["type"]) == (403, "refused")

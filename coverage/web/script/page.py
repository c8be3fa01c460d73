"""What Streamlit runs at every click."""

from __future__ import annotations

from coverage.web import frame, server

frame.show(server.served())

"""Start the web app: ``streamlit run app.py``, or ``streamlit run app.py -- PROJECT``."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from coverage.web import server

demo = Path(__file__).parent / "data" / "demo"
app = st.App(server.SCRIPT, **server.parts(server.arguments(sys.argv[1:], project=demo)))

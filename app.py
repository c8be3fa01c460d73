"""Start the web app: ``streamlit run app.py``, or ``streamlit run app.py -- PROJECT``."""

from __future__ import annotations

import sys
from pathlib import Path

from coverage.web import page

project, language = page.arguments(sys.argv[1:])
page.show(project or Path(__file__).parent / "data" / "demo", language)

"""The web app: pages that read a result and draw it; no analysis."""

"""What Streamlit runs, in a folder of its own, so that it finds no pages beside it."""

"""Open a project, or make one of uploaded files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from coverage import texts
from coverage.errors import ProjectError
from coverage.outputs.templates import template, template_layers
from coverage.web import project_file, shelf

_YEARS = (1990, 2100)


def projects() -> None:
    """Offer the projects there are, and the form for a new one."""
    left, right = st.columns([0.35, 0.65], gap="large")
    with left:
        _open()
    with right:
        _new()


def _open() -> None:
    st.markdown(f"**{texts.say('web.open_project')}**")
    first = Path(st.session_state["served"])
    made = {str(path): name for name, path in project_file.known_projects().items()}
    offered = {str(first): first.name, **made}
    for path, name in offered.items():
        st.button(
            name,
            key=f"open-{path}",
            on_click=_turn_to,
            args=(path,),
            width="stretch",
            disabled=path == st.session_state.get("project", str(first)),
        )


def _turn_to(path: str) -> None:
    """Open another project for this visitor; what was chosen in the other means nothing here."""
    for key in ("township", "community", "facility", "details"):
        st.session_state.pop(key, None)
    shelf.leave()
    for key in [k for k in st.session_state if str(k).startswith("chosen-")]:
        del st.session_state[key]
    st.session_state["project"] = path


def _new() -> None:
    st.markdown(f"**{texts.say('web.new_project')}**")
    st.caption(texts.say("web.new_help"))
    name = st.text_input(texts.say("web.new_name"), key="new-name", max_chars=60)
    year = st.number_input(
        texts.say("web.new_year"),
        *_YEARS,
        value=datetime.now(tz=UTC).year,
        key="new-year",
    )
    files = {}
    for layer in (*project_file.NEEDED, *project_file.FURTHER):
        uploaded = _upload(layer)
        if uploaded is not None:
            files[layer] = uploaded
    missing = [layer for layer in project_file.NEEDED if layer not in files]
    if st.button(texts.say("web.new_create"), type="primary", key="new-create"):
        if missing:
            layers = tuple(texts.say(f"data_report.layer.{layer}") for layer in missing)
            st.error(texts.say("web.upload_missing", layers=layers))
            return
        try:
            folder = project_file.new_project(name, int(year), files)
        except ProjectError as error:
            st.error(error.text())
            return
        _turn_to(str(folder))
        st.toast(texts.say("web.new_created", name=name), icon=":material/check:")
        st.rerun()


def _upload(layer: str) -> tuple[str, bytes] | None:
    title = texts.say(f"data_report.layer.{layer}")
    if layer in project_file.NEEDED:
        title = texts.say("web.new_layer", layer=title)
    upload, fill_in = st.columns([0.78, 0.22], vertical_alignment="bottom")
    found = upload.file_uploader(
        title, type=[kind[1:] for kind in project_file.kinds(layer)], key=f"upload-{layer}"
    )
    if layer in template_layers():
        language = texts.language()
        fill_in.download_button(
            texts.say("web.template_download"),
            lambda: template(layer, language),
            file_name=f"{layer}.xlsx",
            key=f"template-{layer}",
            on_click="ignore",
            width="stretch",
        )
    return None if found is None else (found.name, found.getvalue())

"""The kinds of control that siting asks with: each with its words, its help, and a memory."""

from __future__ import annotations

import streamlit as st

from coverage import texts
from coverage.web import controls


def pick(name: str, said: dict[str, str], helps: str | None = None, *, of: str = "") -> str:
    """Ask for one of several options, the first by default.

    Parameters
    ----------
    name
        What is asked.
    said
        The options, and how each is called.
    helps
        What stands beside it.
    of
        Tells sets of options apart that have one name.
    """
    options, place = list(said), f"siting-{name}{of and '-'}{of}"
    chosen = controls.remembered(place, options[0])
    picked = st.selectbox(
        texts.say(f"siting_page.{name}"),
        options,
        index=options.index(chosen) if chosen in options else 0,
        format_func=said.__getitem__,
        key=controls.key(place),
        help=helps,
    )
    controls.keep(place, picked)
    return str(picked)


def number(name: str, usual: float, least: float, most: float | None, step: float) -> float:
    """Ask for a number.

    Parameters
    ----------
    name
        What is asked.
    usual
        What is proposed.
    least, most, step
        Bounds, None for none above; a whole step asks for a whole number.
    """
    whole, place = isinstance(step, int), f"siting-{name}"
    kept = controls.remembered(place, usual)
    kept = kept if most is None else min(kept, most)
    given = st.number_input(
        texts.say(f"siting_page.{name}"),
        min_value=least,
        max_value=most,
        value=int(kept) if whole else float(kept),
        step=step,
        format="%d" if whole else "%.1f",
        key=controls.key(place),
        help=texts.say(f"siting_page.{name}_help"),
    )
    controls.keep(place, given)
    return given


def switch(name: str, options: list[str]) -> str:
    """Ask for one of a few ways, where there are several.

    Parameters
    ----------
    name
        What is asked.
    options
        The ways, the usual one first.
    """
    if len(options) == 1:
        return options[0]
    chosen = controls.remembered(f"siting-{name}", options[0])
    picked = st.segmented_control(
        texts.say("siting_page.amount"),
        options,
        default=chosen if chosen in options else options[0],
        format_func=texts.spoken(lambda option: texts.say(f"siting_page.by_{option}")),
        key=controls.key(f"siting-{name}"),
        required=True,
    )
    controls.keep(f"siting-{name}", picked)
    return str(picked)


def toggle(name: str) -> bool:
    """Ask whether something is wanted; usually it is not.

    Parameters
    ----------
    name
        What is asked.
    """
    on = st.toggle(
        texts.say(f"siting_page.{name}"),
        value=controls.remembered(f"siting-{name}", default=False),
        key=controls.key(f"siting-{name}"),
        help=texts.say(f"siting_page.{name}_help"),
    )
    controls.keep(f"siting-{name}", on)
    return bool(on)

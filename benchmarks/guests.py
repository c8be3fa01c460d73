"""A visitor of the web app without a browser: speaks with its server as Streamlit's page does."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

if TYPE_CHECKING:
    from types import TracebackType

    from streamlit.proto.ClientState_pb2 import ClientState
    from streamlit.proto.WidgetStates_pb2 import WidgetState

_WHOLE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
_MOST_BYTES = 1 << 26  # of a message
_PATIENCE_S = 120
_PROTOCOL = Subprotocol("streamlit")


@dataclass
class _Page:
    """What a page shows: metrics by their place, texts and sliders in their order."""

    metrics: dict[tuple[int, ...], str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    sliders: list[str] = field(default_factory=list)
    repeats: bool = False  # whether a part of it asks to be run again and again

    def first_metric(self) -> str:
        """Return the metric that stands first."""
        return self.metrics[min(self.metrics)] if self.metrics else ""


class Visitor:
    """One visitor on one page; what the page shows is kept as it comes.

    Parameters
    ----------
    port
        Of the app on this machine.
    page
        The page's address: ``coverage``.
    """

    def __init__(self, port: int, page: str) -> None:
        self.page = _Page()
        self.faults: list[str] = []
        self.received = 0
        self._address = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._name = page
        self._coming = _Page()
        self._widgets: dict[str, WidgetState] = {}
        self._finished = asyncio.Event()
        self._repeated: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Visitor:  # noqa: PYI034 - not made to be derived from
        self._socket = await connect(
            self._address,
            subprotocols=[_PROTOCOL],
            max_size=_MOST_BYTES,
            close_timeout=1,
            ping_interval=None,  # a browser asks for no sign of life either
        )
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_repeating()
        self._listening.cancel()
        await self._socket.close()

    async def open(self) -> float:
        """Open the page; return seconds until it stands."""
        return await self._run("")

    async def slide(self, position: int, value: float, said: str) -> float:
        """Move a slider; return seconds until a page stands that says so.

        The page may run again by itself just then: what ends first need not be the answer.
        """
        name = self.page.sliders[position]
        state = BackMsg().rerun_script.widget_states.widgets.add()
        state.id = name
        state.double_array_value.data.append(value)
        self._widgets[name] = state
        return await self._run(said)

    async def _run(self, said: str) -> float:
        begun = time.perf_counter()
        self._finished.clear()
        await self._ask()
        while not await self._stands(said):
            self._finished.clear()
        return time.perf_counter() - begun

    async def _stands(self, said: str) -> bool:
        finished = asyncio.create_task(self._finished.wait())
        waited = {finished, self._listening}
        await asyncio.wait(waited, timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if not finished.done():
            finished.cancel()
            if self._listening.done():
                await self._listening
            msg = f"no answer to {said or 'the first look'}: {self.page.texts} {self.faults}"
            raise ConnectionError(msg)
        return any(said in text for text in self.page.texts) or bool(self.faults)

    async def _ask(self, fragment: str = "") -> None:
        message = BackMsg()
        state: ClientState = message.rerun_script
        state.page_script_hash = calc_hash(self._name)
        state.page_name = self._name
        state.widget_states.widgets.extend(self._widgets.values())
        if fragment:
            state.fragment_id = fragment
            state.is_auto_rerun = True
        await self._socket.send(message.SerializeToString())

    async def _repeat(self, fragment: str, pause_s: float) -> None:
        while True:
            await asyncio.sleep(pause_s)
            await self._ask(fragment)

    async def _listen(self) -> None:
        async for data in self._socket:
            assert isinstance(data, bytes)
            self.received += len(data)
            message = ForwardMsg()
            message.ParseFromString(data)
            self._take(message)

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._coming = _Page()
        elif kind == "delta":
            self._show(tuple(message.metadata.delta_path), message.delta.new_element)
        elif kind == "auto_rerun":
            again = message.auto_rerun
            self._coming.repeats = True
            self._stop_repeating()
            self._repeated = asyncio.create_task(self._repeat(again.fragment_id, again.interval))
        elif kind == "script_finished" and message.script_finished in _WHOLE:
            if not self._coming.repeats:
                self._stop_repeating()
            self.page = self._coming
            self._finished.set()

    def _show(self, at: tuple[int, ...], element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "metric":
            self._coming.metrics[at] = element.metric.body
        elif kind == "markdown":
            self._coming.texts.append(element.markdown.body)
        elif kind == "slider":
            self._coming.sliders.append(element.slider.id)
        elif kind == "exception":
            self.faults.append(element.exception.message)
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            self.faults.append(element.alert.body)

    def _stop_repeating(self) -> None:
        if self._repeated is not None:
            self._repeated.cancel()
        self._repeated = None

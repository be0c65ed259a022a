"""Show how far a notebook is: one line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import TextIO

from common import ANSI, clock, say

EPOCH = "epoch "


class Progress:
    """The state of one notebook's execution, shown on `stream`."""

    def __init__(self, label: str, stream: TextIO, pause: float = 5.0, heartbeat: float = 60.0) -> None:
        """Without a terminal, lines about cells come at least `pause` seconds apart."""
        self.label, self.stream, self.pause, self.heartbeat = label, stream, pause, heartbeat
        self.terminal = stream.isatty()
        self.started = time.monotonic()
        self.shown = float("-inf")  # when the last plain line was printed
        self.last = ""  # what it said, without the time
        self.state = self.epoch = self.pending = ""

    def cell(self, index: int, total: int) -> None:
        """Code cell `index` of `total` starts."""
        self.state, self.epoch, self.pending = f"cell {index}/{total}", "", ""
        self.tick()

    def text(self, chunk: str) -> None:
        """The running cell printed `chunk`: complete lines that begin with "epoch " are shown."""
        *lines, self.pending = (self.pending + chunk).split("\n")
        for line in lines:
            pieces = [piece for piece in ANSI.sub("", line).split("\r") if piece.strip()]
            if pieces and pieces[-1].startswith(EPOCH):
                self.epoch = pieces[-1].rstrip()
                self.tick(now=True)

    def tick(self, now: bool = False) -> None:
        """Bring the display up to date."""
        elapsed = clock(time.monotonic() - self.started)
        state = "  ".join(filter(None, [self.label, self.state, self.epoch]))
        if self.terminal:
            width = shutil.get_terminal_size().columns - len(elapsed) - 4
            self._write(f"\r\x1b[K{state[: max(width, 0)]}  {elapsed}")
            return
        waited = time.monotonic() - self.shown
        due = now or (waited >= self.pause and state != self.last) or waited >= self.heartbeat
        if due and self.state:
            self.shown, self.last = time.monotonic(), state
            self._write(f"{state}  {elapsed}\n")

    async def keep_ticking(self) -> None:
        """Tick once a second until cancelled."""
        while True:
            await asyncio.sleep(1)
            self.tick()

    def close(self) -> None:
        """Clear the changing line."""
        if self.terminal:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        say(text, self.stream)

"""A headless Chromium, controlled through a pipe, so no other package is needed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "/": 191, "?": 191, "j": 74, "k": 75, "n": 78}


@dataclass
class Browser:
    """A page of a browser, with the commands of Chrome's protocol that the tests need."""

    commands: IO[bytes]
    answers: IO[bytes]
    session: str | None = None
    sent: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    def send(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command and return its result; store other events in `events`."""
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": params, "sessionId": self.session}
        if self.session is None:
            del message["sessionId"]
        self.commands.write(json.dumps(message).encode() + b"\0")
        self.commands.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self.sent:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _read(self) -> dict[str, Any]:
        text = b""
        while not text.endswith(b"\0"):
            byte = self.answers.read(1)
            assert byte, "the browser is gone"
            text += byte
        answer: dict[str, Any] = json.loads(text[:-1])
        return answer

    def open(self, page: Path | str, *, width: int, scheme: str) -> None:
        """Open a file or a URL with a width and a colour scheme, and wait until it is loaded."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", features=media)
        self.events.clear()
        self.send("Page.navigate", url=page if isinstance(page, str) else page.as_uri())
        self.wait_for_page()

    def wait_for_page(self, number: int = 1) -> None:
        """Wait until one or more pages have been loaded since the events were cleared."""
        while len(self.happened("Page.loadEventFired")) < number:
            self.events.append(self._read())
            if self.events[-1]["method"] == "Page.javascriptDialogOpening":
                self.send("Page.handleJavaScriptDialog", accept=False)

    def happened(self, method: str) -> list[dict[str, Any]]:
        """Return the browser's events of this name since the page was opened."""
        return [event["params"] for event in self.events if event["method"] == method]

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression; await a promise."""
        result = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        text = {} if key in {"Tab", "Escape"} else {"text": "\r" if key == "Enter" else key}
        self.send("Input.dispatchKeyEvent", type="keyDown", **pressed, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def type(self, text: str) -> None:
        """Type a text into the focused field."""
        self.send("Input.insertText", text=text)

    def screenshot(self, file: Path) -> None:
        """Save a screenshot of the whole page."""
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        taken = self.send("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(taken["data"]))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the installed browser, or skip the test."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium or Chrome is installed: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def running(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start the browser once."""
    profile = tmp_path_factory.mktemp("profile")
    command_end, commands = os.pipe()
    answers, answer_end = os.pipe()
    # Chromium reads from file descriptor 3 and writes to 4.
    command = (
        f"exec '{chromium}' --headless=new --remote-debugging-pipe --disable-gpu --no-sandbox "
        f"--no-first-run --hide-scrollbars --user-data-dir='{profile}' "
        f"3<&{command_end} 4>&{answer_end}"
    )
    process = subprocess.Popen(  # noqa: S603 - the browser that was found, our own arguments
        ["/bin/bash", "-c", command],
        pass_fds=(command_end, answer_end),
        env=os.environ | {"TMPDIR": str(profile)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(command_end)
    os.close(answer_end)
    with os.fdopen(commands, "wb") as to, os.fdopen(answers, "rb") as back:
        started = Browser(to, back)
        yield started
        started.send("Browser.close")
    process.wait(timeout=30)


@pytest.fixture
def browser(running: Browser) -> Iterator[Browser]:
    """Return an empty page in the browser."""
    target = running.send("Target.createTarget", url="about:blank")["targetId"]
    attached = running.send("Target.attachToTarget", targetId=target, flatten=True)
    running.session = attached["sessionId"]
    for domain in ("Page", "Network", "Log", "Runtime"):
        running.send(f"{domain}.enable")
    yield running
    running.session = None
    running.send("Target.closeTarget", targetId=target)

"""A real browser without a window, spoken to over its DevTools protocol (chromedevtools.github.io).

``scripts/install-browser`` makes the program available. Where there is none, tests that need it fail with the
reason.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.servers import process

INSTALL = Path(__file__).resolve().parents[2] / "scripts" / "install-browser"
PATIENCE_SECONDS = 30.0
_ADDRESS = re.compile(r"DevTools listening on (ws://\S+)")
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # which root and most containers can't have; it shows only pages of our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-port=0",
)

Json = dict[str, Any]


@cache
def program() -> str:
    found = subprocess.run([INSTALL, "--find"], capture_output=True, text=True, check=False)
    if found.returncode == 0:
        return found.stdout.strip()
    raise process.ServerUnavailable("These tests need a browser: run scripts/install-browser.")


class Page:
    """One tab as on a phone: it taps, types, and shows what is visible. Complaints of the page are kept."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.answers_dialogs = True

    def call(self, method: str, **params: Any) -> Json:
        return self._browser.call(method, params, self._session)

    def heard(self, method: str, params: Json) -> None:
        """What the tab reports by itself."""
        if method == "Page.javascriptDialogOpening":
            self.asked.append(params["message"])
            self._browser.tell("Page.handleJavaScriptDialog", {"accept": self.answers_dialogs}, self._session)
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"].get("text")))
        elif method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    def evaluate(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Until the page says so; pages that are just being left say nothing."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._says(expression):
            if time.monotonic() > deadline:
                raise AssertionError(f"did not happen in time: {expression}\n{self.text()}")
            time.sleep(0.02)

    def _says(self, expression: str) -> bool:
        try:
            return bool(self.evaluate(f"document.readyState === 'complete' && !!({expression})"))
        except ProtocolError:  # the page was replaced while it was asked
            return False

    def open(self, url: str) -> None:
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, answer
        self.wait_for(f"location.href === {json.dumps(url)}")

    def text(self) -> str:
        """What a person reads."""
        return str(self.evaluate("document.body.innerText"))

    def tap(self, selector: str) -> None:
        """With a finger, in the middle of the one element that the selector means."""
        where = self.evaluate(
            f"""(() => {{
                const found = [...document.querySelectorAll({json.dumps(selector)})].filter(e => e.checkVisibility());
                if (found.length !== 1) return found.length;
                found[0].scrollIntoView({{block: "center", behavior: "instant"}});
                const box = found[0].getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }})()"""
        )
        assert isinstance(where, list), f"{where} elements are {selector}"
        point = {"x": where[0], "y": where[1]}
        self.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[point])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def type(self, selector: str, text: str) -> None:
        self.tap(selector)
        self.wait_for(f"document.activeElement === document.querySelector({json.dumps(selector)})")
        self.call("Input.insertText", text=text)

    def choose(self, selector: str, value: str) -> None:
        """An option of a list; its menu is the phone's own and not part of the page."""
        chosen = self.evaluate(
            f"""(() => {{
                const list = document.querySelector({json.dumps(selector)});
                list.value = {json.dumps(value)};
                list.dispatchEvent(new Event("change", {{bubbles: true}}));
                return list.value;
            }})()"""
        )
        assert chosen == value

    def picture(self, path: Path) -> None:
        """The whole page as PNG, for people to look at."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


class ProtocolError(Exception):
    """The browser refused a command."""


class Browser:
    """The running program. Every page has cookies of its own."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._pages: dict[str, Page] = {}

    @contextmanager
    def page(self, width: int = 390, height: int = 844) -> Iterator[Page]:
        context = self.call("Target.createBrowserContext", {})["browserContextId"]
        target = {"url": "about:blank", "browserContextId": context}
        target_id = self.call("Target.createTarget", target)["targetId"]
        attach = {"targetId": target_id, "flatten": True}
        session = self.call("Target.attachToTarget", attach)["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log"):
            page.call(f"{domain}.enable")
        screen = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
        page.call("Emulation.setDeviceMetricsOverride", **screen)
        page.call("Emulation.setTouchEmulationEnabled", enabled=True)
        try:
            yield page
        finally:
            self.call("Target.disposeBrowserContext", {"browserContextId": context})
            del self._pages[session]

    def tell(self, method: str, params: Json, session: str = "") -> int:
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        self._socket.send(json.dumps(command | ({"sessionId": session} if session else {})))
        return number

    def call(self, method: str, params: Json, session: str = "") -> Json:
        number = self.tell(method, params, session)
        while True:
            message = json.loads(self._socket.recv(PATIENCE_SECONDS))
            if message.get("id") == number:
                if "error" in message:
                    raise ProtocolError(f"{method}: {message['error']}")
                result: Json = message["result"]
                return result
            page = self._pages.get(message.get("sessionId", ""))
            if page is not None and "method" in message:
                page.heard(message["method"], message["params"])


@contextmanager
def running() -> Iterator[Browser]:
    """A browser with an empty profile for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="sluicegate-browser-", ignore_cleanup_errors=True) as name:
        log = Path(name) / "log"
        command = [program(), *_OPTIONS, f"--user-data-dir={name}/profile", "about:blank"]
        child = process.start(command, log=log, death_signal=signal.SIGKILL)
        try:
            process.wait_until_ready(child, lambda: _address(log) is not None, log)
            with connect(str(_address(log)), proxy=None, max_size=None, compression=None) as socket:
                yield Browser(socket)
        finally:
            process.stop(child, signal.SIGTERM)


def _address(log: Path) -> str | None:
    found = _ADDRESS.search(log.read_text(errors="replace"))
    return found[1] if found else None

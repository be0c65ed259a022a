"""The site and JupyterLab in a real browser: `make test-browser`.

It needs Chromium or Chrome on this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "build" / "site"
PAGES = [one.relative_to(SITE).as_posix() for one in sorted(SITE.rglob("*.html"))]
PAGES = [page for page in PAGES if not page.startswith("_")]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
VIEWS = [(width, scheme) for width in (390, 1366, 1920) for scheme in ("light", "dark")]
FAULTS = """() => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const cut = (one) => one.scrollWidth > one.clientWidth + 1;
    const raw = (one) => !one.querySelector("mjx-container");
    const text = (one) => one.textContent.trim().slice(0, 60);
    const found = [
        ...all("pre").filter(cut).map((one) => "cut: " + text(one)),
        ...all(innerWidth > 1000 ? "article table" : "none")
            .filter(cut).map((one) => "cut table: " + text(one)),
        ...all(".math").filter(raw).map((one) => "raw formula: " + text(one)),
        ...all("mjx-merror").map((one) => "wrong formula: " + text(one)),
        ...all("img").filter((one) => one.complete && !one.naturalWidth)
            .map((one) => "no picture: " + one.src),
    ];
    if (document.documentElement.scrollWidth > innerWidth) found.push("page is cut");
    return found;
}"""
LINKS = "[...document.querySelectorAll('a[href]')].map((one) => one.href)"
ANCHORS = "[...document.querySelectorAll('[id]')].map((one) => one.id)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    where = {"executable_path": program} if program else {"channel": "chrome"}
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(**where, args=OPTIONS)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *_) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = partial(Quiet, directory=SITE)
    server = ThreadingHTTPServer(("localhost", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def seen() -> dict[str, tuple[set[str], set[str]]]:
    """The links and the anchors of each page, filled in by the tests of pages."""
    return {}


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, browser: Browser, address: str, seen: dict) -> None:
    """Nothing is cut, missing or raw, and nothing comes from another place."""
    faults: list[str] = []
    watchers = {
        "requestfailed": lambda one: faults.append(f"failed: {one.url}"),
        "pageerror": lambda one: faults.append(f"script: {one}"),
        "request": lambda one: faults.extend(elsewhere(one.url, address)),
    }
    for width, scheme in VIEWS:
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme)
        for event, watcher in watchers.items():
            page.on(event, watcher)
        page.goto(address + quote(name), wait_until="networkidle")
        page.wait_for_function("!window.MathJax || MathJax.startup?.promise")
        page.evaluate("window.MathJax?.startup?.promise")
        faults += [f"{width} {scheme}: {one}" for one in page.evaluate(FAULTS)]
        seen[name] = set(page.evaluate(LINKS)), set(page.evaluate(ANCHORS))
        page.close()
    assert faults == []


def elsewhere(url: str, address: str) -> list[str]:
    ours = url.startswith((address, "data:", "blob:"))
    return [] if ours else [f"from elsewhere: {url}"]


def test_links(address: str, seen: dict) -> None:
    """Each link inside the site leads to a page, a place in it, or a file."""
    if len(seen) < len(PAGES):
        pytest.skip("This needs the tests of all pages.")
    dead = set()
    for name, (links, _) in seen.items():
        for link in links:
            if link.startswith(address):
                parts = urlsplit(link.removeprefix(address))
                path = unquote(parts.path) or "index.html"
                if not (SITE / path).is_file():
                    dead.add((name, link))
                elif parts.fragment and path in seen:
                    known = unquote(parts.fragment) in seen[path][1]
                    dead |= set() if known else {(name, link)}
    assert dead == set()


def test_a_folded_block_opens_and_a_figure_opens_large(browser, address) -> None:
    page = browser.new_page()
    page.goto(address + quote(next(one for one in PAGES if one.startswith("2 - "))))
    block = page.locator("article details").first
    code = block.locator("pre").first
    assert not code.is_visible()
    block.locator("summary").click()
    assert code.is_visible()
    with page.expect_popup() as popup:
        page.locator("article img").first.click()
    assert popup.value.url.endswith(".png")


# --- JupyterLab -----------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of this repository; its tutorial 1 trains a small model for two epochs.

    It saves after each epoch, not once a minute.
    """
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in listed.strip("\0").split("\0"):
        if not name.startswith("tests/") and (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    (path,) = tmp_path.glob("1 - *.ipynb")
    text = path.read_text(encoding="utf-8")
    for field, value in (("n_epochs", 2), ("embedding_dim", 64), ("hidden_dim", 256)):
        text, count = re.subn(rf"({field}: int =) \d+", rf"\1 {value}", text)
        assert count == 1
    assert "self.saved_at < 60" in text
    notebook = json.loads(text.replace("self.saved_at < 60", "self.saved_at < 0"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    return tmp_path


@contextmanager
def lab(repository: Path) -> Iterator[str]:
    """`make lab` on the small corpus; yields the address of tutorial 1."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    options = f"--no-browser --port={port} --IdentityProvider.token="
    command = ["make", "lab", "DATASET=assets/captions", f"ARGS={options}"]
    quiet = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
    process = subprocess.Popen(command, cwd=repository, start_new_session=True, **quiet)
    try:
        for _ in range(120):
            time.sleep(1)
            with socket.socket() as tried:
                if tried.connect_ex(("localhost", port)) == 0:
                    break
        (first,) = (repository / "lab").glob("1 - *.ipynb")
        yield f"http://localhost:{port}/lab/tree/{quote(first.name)}"
    finally:
        os.killpg(process.pid, signal.SIGINT)
        os.killpg(process.pid, signal.SIGTERM)


def choose(page: Page, menu: str, entry: str) -> None:
    """Click an entry of a menu, and what JupyterLab asks then."""
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(entry)).first.click()
    page.wait_for_timeout(1000)
    confirm = page.locator(".jp-Dialog .jp-mod-accept, .jp-Dialog .jp-mod-warn").last
    if confirm.is_visible():
        confirm.click()


def outputs(page: Page, repository: Path) -> str:
    """Save the notebook, and return all that its cells have printed."""
    page.keyboard.press("Escape")
    choose(page, "File", "^Save Notebook$")
    page.wait_for_timeout(1000)
    (path,) = (repository / "lab").glob("1 - *.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = [one for cell in cells for one in cell.get("outputs", [])]
    return json.dumps(found, ensure_ascii=False)


def wait(page: Page, repository: Path, text: str, seconds: float) -> str:
    """Wait until a cell has printed what matches a regular expression."""
    end = time.monotonic() + seconds
    while not re.search(text, found := outputs(page, repository)):
        assert time.monotonic() < end, f"no {text!r} after {seconds} s"
        page.wait_for_timeout(3000)
    return found


def test_lab(browser: Browser, repository: Path) -> None:
    """Run all, interrupt the training, restart, resume, translate; all stays clean."""
    with lab(repository) as address:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.goto(address)
        page.wait_for_selector(".jp-Notebook", timeout=60_000)
        page.wait_for_timeout(5000)
        figure = page.locator(".jp-MarkdownOutput img").first
        assert figure.evaluate("one => one.naturalWidth")
        choose(page, "Run", "^Run All Cells$")
        wait(page, repository, r"epoch +1 ", 600)
        choose(page, "Kernel", "^Interrupt Kernel$")
        assert "TrainingStopped" in wait(page, repository, '"ename"', 60)
        choose(page, "Kernel", "^Restart Kernel and Run All Cells")
        found = wait(page, repository, "notebook_seconds", 900)
        assert "from an earlier run" in found and '"ename"' not in found
        picture = page.locator(".jp-RenderedImage img").first
        assert picture.evaluate("one => one.naturalWidth")
    changed = subprocess.check_output(["git", "status", "--short"], cwd=repository)
    assert changed == b""

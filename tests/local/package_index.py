"""A package index on loopback: a mirror of the machine's own that also has a newer release of everything.

It takes the files from the index that pip uses on this machine. For each package it also offers an empty release
``9999``. So a set-up that resolves anything anew fails on any day.
"""

import hashlib
import html
import io
import json
import subprocess
import threading
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import Request, urlopen

NEWER = "9999"
_JSON = "application/vnd.pypi.simple.v1+json"  # https://packaging.python.org/specifications/simple-repository-api/


def find_index(python: Path) -> str:
    """Return the address of the index that the pip of *python* uses."""
    asked = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    default = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()
    config = [str(python), "-m", "pip", "config", "get", "global.index-url"]
    chosen = subprocess.run(config, capture_output=True, text=True, check=False).stdout.strip()
    return (chosen or default).rstrip("/") + "/"


class PackageIndex:
    """The index at `url`, with the *locked* versions of each package and a newer one."""

    def __init__(self, behind: str, folder: Path, locked: Mapping[str, Collection[str]]) -> None:
        self.behind = behind
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.locked = locked
        self.asked: list[str] = []
        """The packages that were asked for."""
        self._pages: dict[str, bytes] = {}
        self._addresses: dict[str, str] = {}
        index = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                kind, body = index.answer(self.path)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # uv hangs up when it has seen enough of a file
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple"

    @contextmanager
    def running(self) -> Iterator["PackageIndex"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def answer(self, path: str) -> tuple[str, bytes]:
        """Return the content type and the body for *path*."""
        first, _, rest = path.lstrip("/").partition("/")
        if first == "simple":
            return "text/html", self._list(rest.strip("/"))
        kept = self._make_newer(rest.partition("-")[0]) if first == "newer" else self._fetch(rest)
        return "application/octet-stream", kept

    def _list(self, package: str) -> bytes:
        self.asked.append(package)
        if package not in self._pages:
            page = urljoin(self.behind, f"{package}/")
            with urlopen(Request(page, headers={"Accept": _JSON}), timeout=60) as answer:
                files = json.load(answer)["files"]
            lines = [self._link(file, page) for file in files if self._is_locked(package, file["filename"])]
            name = package.replace("-", "_")
            wheel, digest = f"{name}-{NEWER}-py3-none-any.whl", hashlib.sha256(self._make_newer(name)).hexdigest()
            lines.append(f'<a href="/newer/{wheel}#sha256={digest}">{wheel}</a>')
            self._pages[package] = "\n".join(lines).encode()
        return self._pages[package]

    def _is_locked(self, package: str, filename: str) -> bool:
        return any(f"-{version}-" in filename for version in self.locked.get(package, ()))

    def _link(self, file: Any, page: str) -> str:
        digest, name = file["hashes"]["sha256"], file["filename"]
        self._addresses[f"{digest}/{name}"] = urljoin(page, file["url"])
        python = html.escape(file.get("requires-python") or "")
        return f'<a href="/files/{digest}/{name}#sha256={digest}" data-requires-python="{python}">{name}</a>'

    def _make_newer(self, name: str) -> bytes:
        info, buffer = f"{name}-{NEWER}.dist-info", io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as wheel:
            for file, text in (
                ("METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWER}\n"),
                ("WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
                ("RECORD", ""),
            ):
                wheel.writestr(zipfile.ZipInfo(f"{info}/{file}"), text)  # its time is the same each time
        return buffer.getvalue()

    def _fetch(self, name: str) -> bytes:
        kept = self.folder / name.partition("/")[0]
        if not kept.exists():
            with urlopen(self._addresses[name], timeout=120) as answer:
                kept.write_bytes(answer.read())
        return kept.read_bytes()

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables that make pip, and so the set-up, use only this index."""
        nobody = "http://127.0.0.1:9"  # the discard port: all that goes past the index fails
        return {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": self.url,
            "ALL_PROXY": nobody,  # which npm does not read
            "NO_PROXY": "127.0.0.1",
        }

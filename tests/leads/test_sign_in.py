"""An operator reaches the account with their own sign-in. The emulator checks tokens as Azure does, over TLS."""

import base64
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from local.azurite import ACCOUNT, Azurite
from local.child import HOST, Child

ROOT = Path(__file__).parents[2]


@dataclass
class AzuriteWithSignIn(Azurite):
    """An Azurite that takes tokens, and so must speak TLS."""

    certificate: Path = Path()

    def _make_child(self, command: list[str], folder: Path) -> Child:
        key = [*command, "--cert", str(self.certificate), "--key", str(self.certificate), "--oauth", "basic"]
        return super()._make_child(key, folder)


def make_token() -> str:
    """Return a token as Microsoft's service issues it, but for its signature, which the emulator does not check."""
    now = int(time.time())
    claims = {
        "iss": "https://sts.windows.net/t/",
        "aud": "https://storage.azure.com",
        "nbf": now - 60,
        "iat": now,
        "exp": now + 3600,
    }
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "x"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a certificate, and an ``az`` that answers as the real one does to who is signed in."""
    authority = trustme.CA()
    authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "certificate.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    answer = {"accessToken": make_token(), "expires_on": int(time.time()) + 3600, "tokenType": "Bearer"}
    (tmp_path / "az").write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    (tmp_path / "az").chmod(0o700)
    return tmp_path


PROGRAM = """
import asyncio, sys
from contextlib import AsyncExitStack
from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables

async def main() -> None:
    async with AsyncExitStack() as stack:
        account = StorageAccount(table_uri=sys.argv[1], is_for_operator=True)
        table = AzureTable(open_tables(account, stack).get_table_client("Leads"))
        await table.insert({"PartitionKey": "a", "RowKey": "b"})
        print((await table.get("a", "b")).columns["RowKey"])

asyncio.run(main())
"""


def test_what_the_operators_sign_in_may_read_is_read_without_a_key(node_programs: None, folder: Path) -> None:
    with AzuriteWithSignIn(certificate=folder / "certificate.pem") as azurite:
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, f"https://{HOST}:{azurite.ports.table}/{ACCOUNT}"],
            cwd=ROOT,
            env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "SSL_CERT_FILE": str(folder / "authority.pem")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.stdout == "b\n", ran.stderr

"""The HTTP functions as callers see them, and the answers that docs/openapi.yaml describes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import azure.functions as func
import httpx
import schemathesis
import schemathesis.checks as known
import yaml
from azure.functions.decorators.function_app import FunctionBuilder

import function_app
from local.functions_host.functions import Function

FILE = Path(__file__).parents[2] / "docs" / "openapi.yaml"
TEXT = FILE.read_text(encoding="utf-8")
DESCRIPTION: Any = yaml.safe_load(TEXT)
SCHEMA = schemathesis.openapi.from_path(FILE, config=schemathesis.Config())
CONFORMANCE = [
    known.status_code_conformance,
    known.content_type_conformance,
    known.response_headers_conformance,
    known.response_schema_conformance,
]
LEADS, LEADS_OF_OFFER, PAGE = "/api/leads", "/api/leads/{offer}", "/api/follow-up/{token}"
MY_LEADS, REPORT = "/api/my-leads/{token}", "/api/report/{token}"
PROBLEM, HTML = "application/problem+json", "text/html"
PROGRAM = {"Accept": "*/*"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}


class Door(NamedTuple):
    """A path and a method."""

    path: str
    method: str


class Kind(NamedTuple):
    """One kind of answer. ``code`` is a problem's code."""

    door: Door
    status: int
    media: str
    code: str = ""


def find_functions() -> list[Function]:
    """Return the app's HTTP functions as the host sees them."""
    built = [each.build() for each in vars(function_app).values() if isinstance(each, FunctionBuilder)]
    return [
        Function(str(each.get_function_name()), each.get_user_function(), trigger.type, trigger.get_dict_repr())
        for each in built
        if (trigger := each.get_trigger()) and trigger.type == "httpTrigger"
    ]


def paths_of(function: Function) -> set[str]:
    """Return the paths of a route. A route that ends with an optional part has two."""
    whole = f"/api/{function.binding['route']}"
    return {whole.replace("?", "")} | ({whole.rpartition("/")[0]} if whole.endswith("?}") else set())


FUNCTIONS = find_functions()
DOORS = {
    Door(path, str(method)): function
    for function in FUNCTIONS
    for path in paths_of(function)
    for method in function.binding["methods"]
}


async def ask(
    path: str,
    method: str,
    content: bytes = b"",
    *,
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
    **route: str,
) -> httpx.Response:
    """Call the function behind a door, and check its answer against the description."""
    url = f"http://127.0.0.1{path}"
    request = func.HttpRequest(method, url, headers=headers or {}, params=params, route_params=route, body=content)
    given: func.HttpResponse = await DOORS[Door(path, method)].call(request)
    answer = httpx.Response(
        given.status_code,
        headers={"Content-Type": given.mimetype, **given.headers},
        content=given.get_body(),
        request=httpx.Request(method, url, extensions={"door": Door(path, method)}),
    )
    answer.elapsed = timedelta(0)  # which httpx would measure
    case = SCHEMA[path][method].Case(path_parameters=dict.fromkeys(("offer", "token"), "any"))
    case.validate_response(answer, checks=CONFORMANCE)
    return answer


def kind_of(answer: httpx.Response) -> Kind:
    """Return the kind of an answer from `ask`."""
    media = answer.headers["Content-Type"]
    code = answer.json()["code"] if media == PROBLEM else ""
    return Kind(answer.request.extensions["door"], answer.status_code, media, code)


def described_doors() -> dict[Door, Any]:
    """Return the operations of the description."""
    return {
        Door(path, method.upper()): operation
        for path, methods in DESCRIPTION["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def described_kinds() -> set[Kind]:
    """Return every kind of answer that is described."""
    return {
        Kind(door, status, media, code)
        for door, status, media, content in _described_contents()
        for code in _codes_of(content["schema"])
    }


def described_problems() -> dict[Kind, Any]:
    """Return the examples of problems."""
    return {
        Kind(door, status, media, code): example["value"]
        for door, status, media, content in _described_contents()
        if media == PROBLEM
        for code, example in content["examples"].items()
    }


def _described_contents() -> Iterator[tuple[Door, int, str, Any]]:
    for door, operation in described_doors().items():
        for status, reference in operation["responses"].items():
            response = DESCRIPTION["components"]["responses"][reference["$ref"].rpartition("/")[2]]
            for media, content in response["content"].items():
                yield door, int(status), media, content


def _codes_of(schema: Any) -> list[str]:
    """Return the codes that a response allows in its problem. ``[""]`` if it is not a problem."""
    if "allOf" not in schema:
        return [""]
    _, narrowed = schema["allOf"]
    codes: list[str] = narrowed["properties"]["code"]["enum"]
    return codes

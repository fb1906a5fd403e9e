"""The functions of ``function_app.py``, with settings and host.json applied."""

import importlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.functions as func

KNOWN_TRIGGERS = ("httpTrigger", "queueTrigger", "timerTrigger")


class StartUpError(Exception):
    """Why the host cannot start, as a sentence."""


@dataclass(frozen=True)
class Function:
    """One function, its trigger's settings resolved."""

    name: str
    call: Callable[..., Any]
    trigger: str
    binding: Mapping[str, Any]

    @property
    def parameter(self) -> str:
        """The argument that takes what triggered the function."""
        return str(self.binding["name"])


def put_settings_into_environment(root: Path) -> None:
    """Put ``local.settings.json`` into the environment. Variables that are already set win."""
    file = root / "local.settings.json"
    if file.exists():
        for name, value in read_json(file).get("Values", {}).items():
            os.environ.setdefault(name, str(value))


def read_host_json(root: Path) -> dict[str, Any]:
    """Read host.json, with names in lower case. Settings ``AzureFunctionsJobHost__a__b`` override ``a.b``."""
    options: dict[str, Any] = _fold_names(read_json(root / "host.json")) if (root / "host.json").exists() else {}
    for name, value in os.environ.items():
        prefix, *path = name.casefold().split("__")
        if prefix == "azurefunctionsjobhost" and path:
            section = options
            for part in path[:-1]:
                section = section.setdefault(part, {})
            section[path[-1]] = value
    return options


def load_functions() -> list[Function]:
    """Import ``function_app`` and return its functions, each ready to be triggered."""
    try:
        module = importlib.import_module("function_app")
    except Exception as error:
        raise StartUpError(f"function_app.py cannot be imported: {type(error).__name__}: {error}") from error
    app = getattr(module, "app", None)
    if not isinstance(app, func.FunctionApp):
        raise StartUpError("function_app.py has no `app` that is a func.FunctionApp.")
    try:
        indexed = app.get_functions()
    except ValueError as error:
        raise StartUpError(f"function_app.py: {error}") from None
    if not indexed:
        raise StartUpError("function_app.py registers no functions on its `app`.")
    return [_describe(each) for each in indexed]


def parse_time_span(text: str) -> timedelta | None:
    """Read .NET's ``[d.]hh:mm:ss[.fff]``. None if *text* is something else."""
    match = re.fullmatch(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)", text.strip())
    if match is None:
        return None
    days, hours, minutes, seconds = match.groups()
    return timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=float(seconds))


def read_json(file: Path) -> dict[str, Any]:
    """Read the JSON object that *file* holds."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise StartUpError(f"{file.name} is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise StartUpError(f"{file.name} must hold a JSON object.")
    return content


def _describe(indexed: Any) -> Function:
    name = indexed.get_function_name()
    triggers = [each for each in indexed.get_bindings() if each.type in KNOWN_TRIGGERS]
    others = [each.type for each in indexed.get_bindings() if each.type not in (*KNOWN_TRIGGERS, "http")]
    if others or len(triggers) != 1:
        raise StartUpError(f"{name}: this host knows HTTP, queue and timer triggers, not {', '.join(others)}.")
    binding = {key: _resolve(name, key, value) for key, value in triggers[0].get_dict_repr().items()}
    return Function(name, indexed.get_user_function(), triggers[0].type, binding)


def _resolve(function: str, key: str, value: object) -> object:
    """Return *value* with each ``%NAME%`` replaced by the setting NAME."""
    if not isinstance(value, str):
        return value

    def setting(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise StartUpError(
                f"{function}: its {key} is {value}, but there is no setting {match[1]}."
                " Set it in local.settings.json or in the environment."
            )
        return os.environ[match[1]]

    return re.sub("%([^%]+)%", setting, value)


def _fold_names(value: Any) -> Any:
    """Return *value* with all names in lower case, because .NET's configuration ignores case."""
    return {name.casefold(): _fold_names(each) for name, each in value.items()} if isinstance(value, dict) else value

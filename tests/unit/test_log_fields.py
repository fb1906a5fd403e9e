"""What stands in the log: Azure keeps a record's message, and throws its ``extra`` away."""

import ast
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lead_core.log_fields import fields

ROOT = Path(__file__).parents[2]
NAMES = st.from_regex("[a-z_-]{1,20}", fullmatch=True)


@given(values=st.dictionaries(NAMES, st.text() | st.integers() | st.lists(st.text(), max_size=3), max_size=4))
def test_fields_read_back_from_a_message_as_a_query_reads_them(values: dict[str, object]) -> None:
    message = f"lead stored {fields(**values)}"
    assert json.loads(message[message.index("{") :]) == values
    assert "\n" not in message


def test_no_record_hides_anything_in_its_extra() -> None:
    for file in (ROOT / "function_app.py", *(ROOT / "lead_core").rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
        of_loggers = [call for call in calls if ast.unparse(call.func).startswith("logger.")]
        assert not [ast.unparse(call) for call in of_loggers for each in call.keywords if each.arg == "extra"], file

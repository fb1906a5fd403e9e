"""Small changes of the code, each of which some test should notice.

A mutant replaces one piece of the source's text, so what it changes can be shown as a line before and after. Left out
are logs, assertions, types, and texts with a blank in them: those are sentences, and golden files hold what people see.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_TYPES_AND_DECORATORS = {"annotation", "returns", "decorator_list", "bases", "type_params"}
_OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitOr: (r"\|", "&"),
    ast.BitAnd: ("&", "|"),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file."""

    path: Path
    start: int
    end: int
    """Where the piece starts and ends, in bytes."""
    text: str
    """What stands there instead."""
    lines: range
    """The lines of the statement that it is in."""

    def apply(self) -> str:
        """Return the file's text with the change."""
        source = self.path.read_bytes()
        return (source[: self.start] + self.text.encode() + source[self.end :]).decode()

    @property
    def before(self) -> str:
        """The changed lines as they are."""
        return self._show(self.path.read_bytes()[self.start : self.end])

    @property
    def after(self) -> str:
        """The changed lines with the change."""
        return self._show(self.text.encode())

    def _show(self, piece: bytes) -> str:
        source = self.path.read_bytes()
        first, last = source.rfind(b"\n", 0, self.start) + 1, source.find(b"\n", self.end)
        return (source[first : self.start] + piece + source[self.end : last]).decode().strip()


def find_mutants(path: Path) -> list[Mutant]:
    """Return all mutants of a file that compile, in the order of its text."""
    source = path.read_bytes()
    starts = [0, *(found.end() for found in re.finditer(b"\n", source))]
    finder = _Finder(source, starts)
    finder.visit(ast.parse(source))
    mutants = [Mutant(path, *found) for found in sorted(finder.found, key=lambda found: found[:3])]
    return [mutant for mutant in mutants if _compiles(mutant)]


def _compiles(mutant: Mutant) -> bool:
    try:
        compile(mutant.apply(), mutant.path, "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


class _Finder(ast.NodeVisitor):
    """Walks a module and collects what could be changed."""

    def __init__(self, source: bytes, starts: Sequence[int]) -> None:
        self.found: set[tuple[int, int, str, range]] = set()
        self._source, self._starts = source, starts
        self._lines = range(0)

    def visit(self, node: ast.AST) -> None:
        around = self._lines
        if isinstance(node, ast.stmt):
            if _is_left_out(node):
                return
            self._lines = range(node.lineno, _last_line(node) + 1)
        super().visit(node)
        self._lines = around

    def generic_visit(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name not in _TYPES_AND_DECORATORS:
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        self.visit(child)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave out what is in an f-string. Before Python 3.12, nobody knows where that stands."""

    def visit_Compare(self, node: ast.Compare) -> None:
        for operator, (before, after) in zip(node.ops, pairwise([node.left, *node.comparators]), strict=True):
            self._swap(operator, before, after)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for before, after in pairwise(node.values):
            self._swap(node.op, before, after)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._swap(node.op, node.left, node.right)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._replace(node, self._text(node.operand))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        match node.value:
            case bool() as value:
                self._replace(node, str(not value))
            case int() as value:
                self._replace(node, str(value + 1))
            case "":
                self._replace(node, '"XX"')
            case str() as value if " " not in value.strip():
                self._replace(node, f'("XX" + {self._text(node)})')

    def visit_If(self, node: ast.If | ast.While | ast.IfExp) -> None:
        self._replace(node.test, f"(not ({self._text(node.test)}))")
        self.generic_visit(node)

    visit_While = visit_If  # noqa: N815 -- ast's name
    visit_IfExp = visit_If  # noqa: N815 -- ast's name

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._replace(condition, "True")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value and not isinstance(node.value, ast.Constant):
            self._replace(node.value, "None")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr | ast.Assign | ast.AugAssign | ast.Raise) -> None:
        self._replace(node, "pass")
        self.generic_visit(node)

    visit_Assign = visit_Expr  # noqa: N815 -- ast's name
    visit_AugAssign = visit_Expr  # noqa: N815 -- ast's name
    visit_Raise = visit_Expr  # noqa: N815 -- ast's name

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace(node, "break")

    def visit_Break(self, node: ast.Break) -> None:
        self._replace(node, "continue")

    def visit_Slice(self, node: ast.Slice) -> None:
        if node.upper:
            self._replace(node.upper, "")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        for keyword in node.keywords:
            self._drop(keyword)
        self.generic_visit(node)

    def _swap(self, operator: ast.AST, before: ast.expr, after: ast.expr) -> None:
        """Put another operator between two expressions."""
        if type(operator) in _OPERATORS:
            pattern, other = _OPERATORS[type(operator)]
            start, end = self._end(before), self._start(after)
            if found := re.search(pattern.encode(), self._source[start:end]):
                self._note(start + found.start(), start + found.end(), other)

    def _drop(self, keyword: ast.keyword) -> None:
        """Leave out one keyword argument, with the comma after it."""
        if keyword.arg:
            end = self._end(keyword.value)
            comma = re.match(rb"\s*,", self._source[end:])
            self._note(self._start(keyword), end + (comma.end() if comma else 0), "")

    def _replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        self._note(self._start(node), self._end(node), text)

    def _note(self, start: int, end: int, text: str) -> None:
        self.found.add((start, end, text, self._lines))

    def _text(self, node: ast.expr) -> str:
        return self._source[self._start(node) : self._end(node)].decode()

    def _start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.end_lineno - 1] + node.end_col_offset


def _is_left_out(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Assert() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="logger")))):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar" | "NewType"))):
            return True
        case ast.Assign(value=ast.Call(func=ast.Attribute(attr="getLogger"))):
            return True
    return False


def _last_line(statement: ast.stmt) -> int:
    """Return where a statement ends, or its head if it holds others."""
    body: list[ast.stmt] = getattr(statement, "body", [])
    return max(statement.lineno, body[0].lineno - 1) if body else statement.end_lineno or statement.lineno

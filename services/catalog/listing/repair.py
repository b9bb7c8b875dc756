"""What an import puts right, by rule, with the rows it happened in."""

from dataclasses import dataclass, field
from enum import StrEnum


class Rule(StrEnum):
    """A defect that is put right. The value names it in the report."""

    BYTE_ORDER_MARK = "byte-order-mark"
    ENCODING_CP932 = "encoding-cp932"
    ENCODING_UTF16 = "encoding-utf16"
    ENCODING_OTHER = "encoding-other"
    TAB_SEPARATED = "tab-separated"
    ROWS_BEFORE_HEADER = "rows-before-header"
    HEADER_OVER_TWO_ROWS = "header-over-two-rows"
    HEADER_LINE_BREAK = "header-line-break"
    INSTRUCTION_COLUMN = "instruction-column"
    SURROUNDING_SPACE = "surrounding-space"
    CODE_COMPLETED = "code-completed"
    SHARED_URL = "shared-url"
    REPEATED_NAME = "repeated-name"
    UNKNOWN_CATEGORY = "unknown-category"


MEANINGS = {
    Rule.BYTE_ORDER_MARK: "A byte order mark at the start is left out",
    Rule.ENCODING_CP932: "The file is read as CP932 (Shift_JIS)",
    Rule.ENCODING_UTF16: "The file is read as UTF-16",
    Rule.ENCODING_OTHER: "The file is read as EUC-JP, ISO-2022-JP or a form for JIS X 0213",
    Rule.TAB_SEPARATED: "Cells are separated by tabs",
    Rule.ROWS_BEFORE_HEADER: "Rows before the header are left out",
    Rule.HEADER_OVER_TWO_ROWS: "A header split over two rows is put together",
    Rule.HEADER_LINE_BREAK: "A line break within a header cell is taken out",
    Rule.INSTRUCTION_COLUMN: "A column with instructions for editors (←…) is left out",
    Rule.SURROUNDING_SPACE: "White space or line breaks around a value are taken off",
    Rule.CODE_COMPLETED: "A municipality code gets its check digit or its leading zero back",
    Rule.SHARED_URL: "Several data sets name the same page: each is kept, told apart by its name",
    Rule.REPEATED_NAME: "Several data sets have the same name: each is kept, told apart by its page",
    Rule.UNKNOWN_CATEGORY: "A category without a theme: it is kept as a keyword",
}


@dataclass(slots=True)
class Repairs:
    """Collects what was put right while one file is read. Rows count from 1, the header included."""

    rows: dict[Rule, list[int]] = field(default_factory=dict)

    def note(self, rule: Rule, *rows: int) -> None:
        """Note that a rule was applied: in these rows, or to the file as a whole."""
        self.rows.setdefault(rule, []).extend(rows)

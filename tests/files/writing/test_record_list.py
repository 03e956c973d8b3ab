"""A list of records as a workbook: text stays text."""

import io

import openpyxl
import pytest

from files.writing.record_list import write_xlsx


@pytest.mark.parametrize("text", ["=1+1", "-1", "0048210", "https://a.example", "<r><t>x</t></r>"])
def test_text_is_never_a_formula_a_number_or_xml(text: str) -> None:
    file = io.BytesIO()
    write_xlsx(file, "Contacts", ["Name"], [[text]])
    cell = openpyxl.load_workbook(file).worksheets[0]["A2"]
    assert (cell.data_type, cell.value) == ("s", text)

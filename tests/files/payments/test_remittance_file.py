"""A remittance in files: data that balances, a workbook of real figures, references that stay text."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from files.payments.money_sheet import money_workbook
from files.payments.remittance_file import remittance_csv, remittance_json, remittance_sheet
from rules.remittance import Remitted
from rules.states import LineKind, Unit
from tests.support.worlds.remitted import LINES, line, no_product, remittance

HEADER = ["Remittance", "Organisation ref", "Organisation", "Pay date", "Bank reference", "Net", "VAT", "Adjustments",
          "Recovered", "Total"]  # fmt: skip
COLUMNS = ["Source", "Kind", "CPLI", "Person ref", "Week starting", "Units", "Unit", "Rate", "Net", "VAT", "Gross",
           "Reason"]  # fmt: skip
OWES = [line(1, LineKind.CURRENT), no_product(2, LineKind.RECOVERY, "-200.00", "Carried forward")]
kinds = st.sampled_from([LineKind.CURRENT, LineKind.UNITS_DIFF, LineKind.RATE_DIFF, LineKind.RECOVERY])
pounds = st.decimals(min_value=-900, max_value=900, places=2)


def rows_of(lines: list[Remitted]) -> list[dict[str, str]]:
    """Return the rows of the CSV; of headings that stand twice (Net, VAT) the line's, which comes last."""
    text = remittance_csv(remittance(lines), lines).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def data_of(lines: list[Remitted]) -> Any:
    return json.loads(remittance_json(remittance(lines), lines))


def adjusted(each: Any) -> Decimal:
    return sum((Decimal(adjustment["amount"]) for adjustment in each["adjustments"]), Decimal(0))


def test_the_csv_has_the_header_and_the_line_in_each_row() -> None:
    text = remittance_csv(remittance(LINES), LINES).decode("utf-8-sig")
    first, *rows = csv.reader(io.StringIO(text))
    assert first == [*HEADER, *COLUMNS, "Claimed", "Adjustment code", "Adjustment", "Paid"]
    assert rows[4][:5] == ["R-000031", "ORG-0007", "Broadland Care CIC", "23/11/2026", "NCC R000031"]
    assert rows[4][10:] == [
        "AC-000004", "ABSENCE", "48213", "P105118", "05/10/2026", "2.571429", "HOUR", "19.68", "50.61", "0.00", "50.61",
        "Absence, hospital: days 1 to 4 at 100%; units 18 ÷ 7", "50.61", "", "0.00", "50.61",
    ]  # fmt: skip
    assert rows[5][15:18] == ["4.00", "WEEK", "748.375"]


def test_no_spreadsheet_runs_what_somebody_wrote() -> None:
    assert rows_of(LINES)[6]["Reason"] == "'=1+1 for #snow & <ice>"


@pytest.mark.parametrize("lines", [LINES, OWES, LINES[:1]])
def test_claimed_less_adjustments_is_paid_in_each_row_and_in_all(lines: list[Remitted]) -> None:
    rows = rows_of(lines)
    for row in rows:
        assert Decimal(row["Claimed"]) - Decimal(row["Adjustment"]) == Decimal(row["Paid"])
        assert bool(row["Adjustment code"]) == (Decimal(row["Adjustment"]) != 0)
    assert sum(Decimal(row["Paid"]) for row in rows) == Decimal(rows[0]["Total"]) == remittance(lines).total
    data = data_of(lines)
    assert Decimal(data["claimed"]) - adjusted(data) == Decimal(data["paid"]) == remittance(lines).total
    assert sum(Decimal(each["claimed"]) for each in data["lines"]) == Decimal(data["claimed"])


@given(st.lists(st.tuples(kinds, pounds), min_size=1, max_size=12))
def test_any_remittance_balances_as_data(amounts: list[tuple[LineKind, Decimal]]) -> None:
    lines = [no_product(number, kind, str(amount), "") for number, (kind, amount) in enumerate(amounts, 1)]
    data = data_of(lines)
    assert all(Decimal(each["claimed"]) - adjusted(each) == Decimal(each["paid"]) for each in data["lines"])
    carried = sum(-Decimal(each["amount"]) for each in data["adjustments"] if each["code"] == "CARRIED_FORWARD")
    assert sum(Decimal(each["paid"]) for each in data["lines"]) + carried == Decimal(data["paid"])
    assert Decimal(data["claimed"]) - adjusted(data) == Decimal(data["paid"]) >= 0


def test_a_correction_is_an_adjustment_by_its_code() -> None:
    data = data_of(LINES)
    assert data["adjustments"] == [
        {"code": "UNITS_DIFF", "amount": "19.68"},
        {"code": "RECOVERY", "amount": "150.00"},
    ]
    assert data["lines"][2]["adjustments"] == [{"code": "UNITS_DIFF", "amount": "137.76"}]
    assert (data["lines"][2]["claimed"], data["lines"][2]["paid"]) == ("0.00", "-137.76")


def test_a_contribution_is_an_adjustment_of_its_line() -> None:
    net = {"net": Decimal("600.00"), "gross": Decimal("600.00"), "unit": Unit.WEEK}
    lines = [line(1, LineKind.SCHEDULED, "1", "748.37", **net)]
    (row,) = rows_of(lines)
    assert [row[name] for name in ("Claimed", "Adjustment code", "Adjustment", "Paid")] == [
        "748.37", "CONTRIBUTION", "148.37", "600.00",
    ]  # fmt: skip
    balance = "£748.37 claimed − £148.37 paid by people and others = £600.00 paid"
    assert remittance_sheet(remittance(lines), lines).balance == balance


def test_what_is_carried_forward_is_a_row_that_balances_the_total() -> None:
    last = rows_of(OWES)[-1]
    assert (last["Source"], last["Adjustment code"], last["Paid"]) == ("Carried forward", "CARRIED_FORWARD", "62.24")


def test_the_workbook_has_real_dates_and_figures_and_text_references() -> None:
    book = load_workbook(io.BytesIO(money_workbook(remittance_sheet(remittance(LINES), LINES))))
    facts, lines = book["Remittance"], book["Lines"]
    assert [facts.cell(row, 1).value for row in range(1, 11)] == HEADER
    assert facts["B4"].value == datetime(2026, 11, 23)  # noqa: DTZ001 - a spreadsheet knows no zones
    assert [cell.value for cell in lines[1]] == COLUMNS
    assert [cell.value for cell in lines[6]] == [
        "AC-000004", "ABSENCE", "48213", "P105118", datetime(2026, 10, 5), 2.571429, "HOUR", 19.68, 50.61, 0, 50.61,  # noqa: DTZ001
        "Absence, hospital: days 1 to 4 at 100%; units 18 ÷ 7",
    ]  # fmt: skip
    assert lines["L8"].value == "=1+1 for #snow & <ice>"
    assert lines["L8"].data_type == "s"
    assert lines["K10"].value == "=SUBTOTAL(109,K2:K9)"


def test_the_sum_is_said_as_one_sentence() -> None:
    assert remittance_sheet(remittance(LINES), LINES).balance == (
        "£3,359.52 claimed − £19.68 corrections − £150.00 recovered = £3,189.84 paid"
    )
    assert remittance_sheet(remittance(OWES), OWES).balance == (
        "£137.76 claimed − £200.00 recovered + £62.24 carried forward = £0.00 paid"
    )

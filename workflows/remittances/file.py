"""A remittance to take away, in every format."""

from enum import StrEnum

from flask import current_app

from files.documents.money_pdf import money_pdf
from files.payments.money_sheet import money_workbook
from files.payments.remittance_file import remittance_csv, remittance_json, remittance_sheet
from models import limited_to
from workflows.remittances.read import WholeRemittance


class RemittanceFormat(StrEnum):
    """For people: PDF and workbook. For programs: CSV and JSON."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


def remittance_file(whole: WholeRemittance, wanted: RemittanceFormat) -> bytes:
    """Return a remittance with all its lines in a format; who is limited to some services reads that more was paid."""
    remittance, lines, is_part = whole.remittance, whole.lines, bool(limited_to())
    match wanted:
        case RemittanceFormat.PDF:
            return money_pdf(remittance_sheet(remittance, lines, is_part=is_part), current_app.config["COUNCIL_NAME"])
        case RemittanceFormat.XLSX:
            return money_workbook(remittance_sheet(remittance, lines, is_part=is_part))
        case RemittanceFormat.CSV:
            return remittance_csv(remittance, lines, is_part=is_part)
        case RemittanceFormat.JSON:
            return remittance_json(remittance, lines, is_part=is_part)

"""What became of the month: files, denials, corrections and the files that were sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from edi.validate import validate
from warehouse import tables as t
from warehouse.cli_marts import exact
from warehouse.database import Warehouse
from warehouse.demo.totals import totals
from warehouse.settings import Settings
from warehouse.show_text import ending_of

FILES = """
select file_id, file_name, kind, status, claim_count, service_line_count, charge_amount,
       payment_amount, reason_code
from mart_file order by file_id
"""
DENIALS = """
select category, path,
       case when status = 'reversed' then 'reversed by the payer'
            else coalesce(decision, 'undecided') end as decision,
       count(*) as denials, sum(denied_amount) as denied_amount
from mart_denial group by 1, 2, 3 order by 1, 2, 3
"""
CORRECTIONS = """
select patient_control_number, line_number, place, old_value, new_value, rule_code, evidence,
       status, approved_by, outbound_file_name
from mart_correction where status <> 'superseded' order by patient_control_number, correction_id
"""
NOT_CORRECTED = """
select patient_control_number, line_number, procedure_code, group_code, reason_code, category,
       denied_amount, decision, path, explanation, missing_evidence, status, deadline
from mart_denial where decision <> 'corrected' and status <> 'reversed'
order by decision desc, patient_control_number, line_number
"""
OUTBOUND = """
select file_name, state, count(*) as claims, sum(charge_amount) as charge_amount
from mart_outbound group by 1, 2 order by 1, 2
"""


def figures(warehouse: Warehouse, settings: Settings) -> dict[str, Any]:
    """Everything that ``reclaim demo --show`` tells, as ``--json`` gives it."""
    return {
        "home": settings.home,
        "files": _files(warehouse),
        "evidence": _evidence(warehouse),
        "denials": exact(warehouse, DENIALS),
        "corrections": exact(warehouse, CORRECTIONS),
        "not_corrected": exact(warehouse, NOT_CORRECTED),
        "outbox": _outbox(warehouse, settings),
        "totals": totals(warehouse, settings),
    }


def is_right(found: dict[str, Any]) -> bool:
    """Whether all totals add up and every file that was sent is valid."""
    return bool(found["totals"]["adds_up"]) and not any(f["problems"] for f in found["outbox"])


def _files(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Every file of the inbox; its name, which may name a patient, by its ending only."""
    with warehouse.read() as connection:
        reasons = {
            row.file_id: row.reason
            for row in connection.execute(select(t.file.c.file_id, t.file.c.reason))
        }
    rows = exact(warehouse, FILES)
    for row in rows:
        row["file_ending"] = ending_of(row.pop("file_name"))
        row["reason"] = reasons[row["file_id"]]
    return rows


def _evidence(warehouse: Warehouse) -> dict[str, int]:
    with warehouse.read() as connection:
        loaded = len(connection.execute(select(t.evidence.c.evidence_id)).all())
        refused = connection.execute(
            select(t.quarantine_item.c.quarantine_id).where(t.quarantine_item.c.scope == "evidence")
        ).all()
    return {"loaded": loaded, "quarantined": len(refused)}


def _outbox(warehouse: Warehouse, settings: Settings) -> list[dict[str, Any]]:
    """The files that were sent, each checked against the 5010 guide once more."""
    rows = exact(warehouse, OUTBOUND)
    with warehouse.read() as connection:
        folders = {
            row.file_name: row.folder
            for row in connection.execute(
                select(t.outbound_file.c.file_name, t.outbound_file.c.folder)
            )
        }
    for row in rows:
        path = settings.folder(folders[row["file_name"]]) / row.pop("file_name")
        row["path"] = path
        row["problems"] = [str(p) for p in validate(path)] if path.is_file() else ["not there"]
        row["charge_amount"] = row["charge_amount"] or Decimal(0)
    return rows

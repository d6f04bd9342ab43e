"""Receive what the clearinghouse dropped and what the chart says.

Looks into `inbox/` for files that have settled (unchanged for `settle_seconds`, and complete),
reads each in a task of its own, reads the facts in `evidence/`, and announces it when anything new
was loaded: `recover_denials` waits for that.

| Task | Does | Hands on |
|---|---|---|
| `list_settled` | registers the files that may be read | their `file_id`s |
| `receive_file` | loads one file, or quarantines it with a reason; a duplicate is only noted | 1 if loaded, else 0 |
| `receive_evidence` | loads chart facts; a bad line is quarantined, the others load | how many |
| `announce` | updates the asset `claims_and_remittances`; skipped when nothing was loaded | |
| `report_failure` | makes the run red when a file could not be received | |

A file stays in `inbox/` until what became of it is committed, so a run may be repeated at any time.
One file that fails holds up no other. How often: the environment variable `RECLAIM_SCHEDULE`
(default `*/5 * * * *`); which home folder: `RECLAIM_HOME`.
"""  # noqa: E501 - a table row is one line

import os
from datetime import UTC, datetime

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from step_tasks import ARRIVED, AS_OF, TASK_DEFAULTS, warehouse_step

FILES_A_RUN = 1000
"""Airflow maps at most 1,024 tasks from one list; what is left is taken by the next run."""


@dag(
    schedule=os.environ.get("RECLAIM_SCHEDULE", "*/5 * * * *"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params=AS_OF,
    tags=["reclaim", "837P", "835"],
    doc_md=__doc__,
)
def receive_drops() -> None:
    """Wire the receiving: files and evidence side by side, then the announcement."""

    @task
    def list_settled() -> list[int]:
        with warehouse_step() as (steps, settings, as_of):
            return steps.list_settled(settings, as_of=as_of)[:FILES_A_RUN]

    @task
    def receive_file(file_id: int) -> int:
        with warehouse_step() as (steps, settings, as_of):
            return int(steps.receive_file(settings, file_id, as_of=as_of).status == "loaded")

    @task
    def receive_evidence() -> int:
        with warehouse_step() as (steps, settings, as_of):
            return steps.receive_evidence(settings, as_of=as_of).loaded

    @task(trigger_rule="all_done", outlets=[ARRIVED])
    def announce(loaded_files: list[int], loaded_evidence: int | None) -> None:
        if not sum(loaded_files[:] if loaded_files else []) + (loaded_evidence or 0):
            raise AirflowSkipException("nothing new has arrived")

    @task(trigger_rule="one_failed")
    def report_failure() -> None:
        raise AirflowFailException("not everything could be received; see the failed tasks")

    files = receive_file.expand(file_id=list_settled())
    evidence = receive_evidence()
    [files, evidence, announce(files, evidence)] >> report_failure()


receive_drops()

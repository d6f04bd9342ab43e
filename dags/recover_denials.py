"""Find the denied service lines, propose corrections, and send what may go.

Runs when `receive_drops` has announced that something new was loaded.

| Task | Does | Hands on |
|---|---|---|
| `match` | joins each adjudicated line to the line that was billed; derives the denials | lines matched |
| `propose` | asks the rules: a correction with its evidence, what evidence is missing, or a refusal | corrections |
| `emit` | writes corrected 837P files to `outbox/` (`shadow/` in shadow mode) | claims emitted |
| `check` | checks what was received against the whole 5010 guide and stores the findings | problems |

Nothing here waits for a person. A correction that needs one waits in the warehouse (`reclaim review
list`), and the next run sends what has been approved by then. Each step may be repeated: a claim
that was sent is not sent again.
"""  # noqa: E501 - a table row is one line

from datetime import UTC, datetime

from airflow.sdk import chain, dag, task
from step_tasks import ARRIVED, AS_OF, TASK_DEFAULTS, warehouse_step


@dag(
    schedule=[ARRIVED],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params=AS_OF,
    tags=["reclaim", "denials"],
    doc_md=__doc__,
)
def recover_denials() -> None:
    """Wire the recovery: one step after the other."""

    @task
    def match() -> int:
        with warehouse_step() as (steps, settings, as_of):
            return steps.match(settings, as_of=as_of).lines_matched

    @task
    def propose() -> int:
        with warehouse_step() as (steps, settings, as_of):
            return steps.propose(settings, as_of=as_of).corrections

    @task
    def emit() -> int:
        with warehouse_step() as (steps, settings, as_of):
            return steps.emit(settings, as_of=as_of).emitted_claims

    @task
    def check() -> int:
        with warehouse_step() as (steps, settings, as_of):
            return steps.check(settings, as_of=as_of).problems

    chain(match(), propose(), emit(), check())


recover_denials()

"""How a step of the warehouse runs as a task: which day, what is tried again, what is logged.

What a task hands on or logs stands readable in Airflow's database and logs. So tasks pass ids and
counts, and nothing is said here of a patient, a claim or the name of a file.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, Param, get_current_context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

if TYPE_CHECKING:
    from warehouse.settings import Settings

log = logging.getLogger(__name__)

POOL = "reclaim"
"""One slot on SQLite, where one transaction writes at a time; more on PostgreSQL."""

ARRIVED = Asset("claims_and_remittances")
"""Claims, remittances, acknowledgments or chart facts have been loaded into the warehouse."""

AS_OF = {
    "as_of": Param(
        None,
        type=["null", "string"],
        format="date",
        description="The day that deadlines are counted from; left empty, the day of the run.",
    )
}


def say_what_to_do(context: dict[str, Any]) -> None:
    """Log, for whoever is called when a task has failed for good, what state things are in."""
    task = context["ti"]
    log.error(
        "%s.%s [%s] of run %s failed. Nothing is lost: what was committed is kept, and the step "
        "may be run again. The reason stands in this log; `reclaim quarantine list`, `reclaim "
        "outbox list` and `reclaim verify` show what became of the files and claims. When the "
        "cause is mended, clear the task or wait for the next run.",
        task.dag_id,
        task.task_id,
        task.map_index,
        context["run_id"],
    )


TASK_DEFAULTS: dict[str, Any] = {
    "pool": POOL,
    "retries": 4,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 3,  # about 1, 3, 9, 27 minutes: a restart, a share remounted
    "max_retry_delay": timedelta(minutes=30),
    "execution_timeout": timedelta(hours=1),
    "on_failure_callback": say_what_to_do,
}


def date_of(context: dict[str, Any]) -> date:
    """Return the day that deadlines are counted from: the one asked for, else the run's own.

    The run's day and not the clock's, so that a run that is repeated decides the same. It is the
    day where the worker stands, as it is for `reclaim run`.
    """
    if asked := context["params"].get("as_of"):
        return date.fromisoformat(asked)
    run = context["dag_run"]
    return (run.logical_date or run.run_after).astimezone().date()


@contextmanager
def warehouse_step() -> Iterator[tuple[ModuleType, "Settings", date]]:
    """Give a task the steps, the settings and the day; tell Airflow what to try again.

    The one place where the warehouse's verdicts become Airflow's. `Transient` and trouble of
    the operating system are tried again; all else is not, because the same bytes and the same code
    fail the same way. Of an error that no step foresaw only the kind and the place are told, since
    its text may quote a claim.
    """
    from warehouse import steps
    from warehouse.settings import SettingsError, load_settings

    context = get_current_context()
    try:
        yield steps, load_settings(), date_of(context)
    except AirflowException:
        raise
    except steps.Transient as error:
        raise AirflowException(f"to be tried again: {error}") from None
    except (steps.Terminal, SettingsError) as error:
        raise AirflowFailException(str(error)) from None
    except OSError as error:  # a disk that is full, a share that is away; its text names files
        raise AirflowException(
            f"to be tried again: {type(error).__name__} at {_place(error)}"
        ) from None
    except Exception as error:
        raise AirflowFailException(f"{type(error).__name__} at {_place(error)}") from None


def _place(error: Exception) -> str:
    """Return the calls that led to an error, innermost last, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:])

"""The DAGs as Airflow's processor reads them: that they load, fast, and are set up to be safe."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
DAG_IDS = ("receive_drops", "recover_denials")


def test_every_dag_file_loads(dag_bag) -> None:
    assert dag_bag.import_errors == {}
    assert set(DAG_IDS) <= set(dag_bag.dag_ids)


def test_every_dag_file_is_read_in_under_a_second(dag_bag) -> None:
    # The scheduler reads them every half minute, so nothing of ours is imported at the top.
    slow = {stat.file: stat.duration for stat in dag_bag.dagbag_stats}
    assert slow
    assert {file: took for file, took in slow.items() if took >= timedelta(seconds=1)} == {}


def test_a_dag_never_runs_beside_itself_nor_catches_up(dag_bag) -> None:
    for dag in dag_bag.dags.values():
        assert dag.max_active_runs == 1, dag.dag_id
        assert dag.catchup is False, dag.dag_id


def test_a_dag_explains_itself(dag_bag) -> None:
    for dag in dag_bag.dags.values():
        assert dag.doc_md, dag.dag_id
        assert "reclaim" in dag.tags, dag.dag_id
        for task_id in dag.task_ids:
            assert f"`{task_id}`" in dag.doc_md, task_id


def test_a_task_waits_its_turn_ends_in_time_and_says_what_to_do(dag_bag) -> None:
    for dag in dag_bag.dags.values():
        for task in dag.tasks:
            assert task.pool == "reclaim", task
            assert task.execution_timeout, task
            assert task.retries, task
            assert task.retry_exponential_backoff > 1, task
            assert task.on_failure_callback, task


@pytest.mark.parametrize("script", [".ci/demo", ".ci/up"])
def test_the_pool_is_made_before_a_dag_runs(script: str) -> None:
    assert "airflow pools set reclaim 1 " in (ROOT / script).read_text(encoding="utf-8")


def test_denials_are_looked_for_when_something_has_arrived(dag_bag) -> None:
    announced = [asset.name for asset in dag_bag.dags["receive_drops"].get_task("announce").outlets]
    awaited = dag_bag.dags["recover_denials"].timetable.asset_condition
    assert announced == ["claims_and_remittances"]
    assert [asset.name for asset in awaited.objects] == announced


def test_the_steps_of_recovery_follow_each_other(dag_bag) -> None:
    recovery = dag_bag.dags["recover_denials"]
    assert [task.task_id for task in recovery.topological_sort()] == [
        "match",
        "propose",
        "emit",
        "check",
    ]
    assert all(len(task.upstream_task_ids) <= 1 for task in recovery.tasks)


def test_how_often_drops_are_received_is_a_setting(monkeypatch, dag_bag) -> None:
    from airflow.dag_processing.dagbag import DagBag

    assert dag_bag.dags["receive_drops"].timetable.expression == "*/5 * * * *"
    monkeypatch.setenv("RECLAIM_SCHEDULE", "15 6 * * 1-5")
    again = DagBag(ROOT / "dags" / "receive_drops.py")
    assert again.import_errors == {}
    assert again.dags["receive_drops"].timetable.expression == "15 6 * * 1-5"


class TestDateOf:
    @staticmethod
    def date_of(*, asked: str | None = None, logical: datetime | None = None) -> date:
        from step_tasks import date_of

        run = SimpleNamespace(logical_date=logical, run_after=datetime(2026, 10, 7, 12, tzinfo=UTC))
        return date_of({"params": {"as_of": asked}, "dag_run": run})

    def test_is_the_day_asked_for(self, dag_bag) -> None:
        assert self.date_of(asked="2026-10-05") == date(2026, 10, 5)

    def test_else_the_day_the_run_is_for(self, dag_bag) -> None:
        run_for = datetime(2026, 10, 6, 12, tzinfo=UTC)
        assert self.date_of(logical=run_for) == date(2026, 10, 6)

    def test_else_the_day_of_what_triggered_it(self, dag_bag) -> None:
        assert self.date_of() == date(2026, 10, 7)


def test_no_dag_reads_the_clock() -> None:
    for path in (ROOT / "dags").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(now|today|utcnow)\(", text), path.name

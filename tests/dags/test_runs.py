"""The DAGs in motion: what is tried again, what is announced, and what stays behind in Airflow.

The steps are stood in for here, each by the least that it may answer: what the steps themselves do
is tested with the warehouse, and all of it together in `test_end_to_end.py`.
"""

import logging
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

DAY = date(2026, 10, 5)
PATIENT = "NM1*IL*1*DOE*JANE"


@pytest.fixture
def steps(monkeypatch):
    """Stand-ins for the steps: three files of which one is known already, and no evidence."""
    from warehouse import settings, steps

    answers = {
        "list_settled": [11, 12, 13],
        "receive_evidence": SimpleNamespace(loaded=0, quarantined=0),
        "match": SimpleNamespace(lines_matched=7, denials=2),
        "propose": SimpleNamespace(corrections=2),
        "emit": SimpleNamespace(emitted_claims=1, emitted_files=1),
        "check": SimpleNamespace(problems=3),
    }
    asked: list[tuple[str, date]] = []

    def stand_in(name, answer):
        def step(_settings, *, as_of):
            asked.append((name, as_of))
            return answer

        return step

    for name, answer in answers.items():
        monkeypatch.setattr(steps, name, stand_in(name, answer))
    receive(
        monkeypatch,
        lambda file_id: SimpleNamespace(status="duplicate" if file_id == 13 else "loaded"),
    )
    monkeypatch.setattr(settings, "load_settings", lambda home=None: None)
    return SimpleNamespace(asked=asked, Terminal=steps.Terminal, Transient=steps.Transient)


def receive(monkeypatch, answer) -> None:
    """Let `receive_file` answer so."""
    from warehouse import steps

    monkeypatch.setattr(steps, "receive_file", lambda _settings, file_id, *, as_of: answer(file_id))


def run(dag_bag, dag_id: str = "receive_drops"):
    """Run a DAG to its end in this process and return the run."""
    return dag_bag.dags[dag_id].test(run_conf={"as_of": DAY.isoformat()})


def states(run) -> dict[str, str]:
    """Return what became of each task of a run; a mapped one is named with its index."""
    return {
        task.task_id if task.map_index < 0 else f"{task.task_id}[{task.map_index}]": str(task.state)
        for task in run.get_task_instances()
    }


def announcements(run) -> int:
    """Return how many asset events a run made."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        return session.query(AssetEvent).filter_by(source_run_id=run.run_id).count()


def test_each_file_is_a_task_and_what_arrived_is_announced(dag_bag, steps) -> None:
    received = run(dag_bag)
    assert states(received) == {
        "list_settled": "success",
        "receive_file[0]": "success",
        "receive_file[1]": "success",
        "receive_file[2]": "success",
        "receive_evidence": "success",
        "announce": "success",
        "report_failure": "skipped",
    }
    assert str(received.state) == "success"
    assert announcements(received) == 1


def test_nothing_new_is_not_announced(dag_bag, steps, monkeypatch) -> None:
    receive(monkeypatch, lambda file_id: SimpleNamespace(status="duplicate"))
    received = run(dag_bag)
    assert states(received)["announce"] == "skipped"
    assert str(received.state) == "success"
    assert announcements(received) == 0


def test_an_empty_inbox_with_new_evidence_is_announced(dag_bag, steps, monkeypatch) -> None:
    import warehouse.steps

    monkeypatch.setattr(warehouse.steps, "list_settled", lambda *_, as_of: [])
    monkeypatch.setattr(
        warehouse.steps, "receive_evidence", lambda *_, as_of: SimpleNamespace(loaded=1)
    )
    received = run(dag_bag)
    assert states(received)["receive_file"] == "skipped"
    assert announcements(received) == 1


def test_more_files_than_airflow_maps_are_left_for_the_next_run(
    dag_bag, steps, monkeypatch
) -> None:
    from warehouse import steps as real

    monkeypatch.setattr(real, "list_settled", lambda *_, as_of: list(range(5000)))
    list_settled = dag_bag.dags["receive_drops"].get_task("list_settled")
    import step_tasks

    monkeypatch.setattr(
        step_tasks, "get_current_context", lambda: {"params": {"as_of": DAY.isoformat()}}
    )
    assert len(list_settled.python_callable()) <= 1024


def test_a_file_that_cannot_be_received_holds_up_no_other(dag_bag, steps, monkeypatch) -> None:
    def answer(file_id: int):
        if file_id == 12:
            raise steps.Terminal("FILE_UNREADABLE file 12")
        return SimpleNamespace(status="loaded")

    receive(monkeypatch, answer)
    received = run(dag_bag)
    assert states(received) == {
        "list_settled": "success",
        "receive_file[0]": "success",
        "receive_file[1]": "failed",
        "receive_file[2]": "success",
        "receive_evidence": "success",
        "announce": "success",
        "report_failure": "failed",
    }
    assert str(received.state) == "failed"
    assert announcements(received) == 1
    assert {task.try_number for task in received.get_task_instances()} == {1}


@pytest.mark.parametrize("trouble", ["Transient", "OSError"])
def test_what_may_pass_is_tried_again(trouble, dag_bag, steps, monkeypatch) -> None:
    tries = []
    error = OSError if trouble == "OSError" else steps.Transient

    def answer(file_id: int):
        tries.append(file_id)
        if tries.count(12) == 1 and file_id == 12:
            raise error("the warehouse is away")
        return SimpleNamespace(status="loaded")

    receive(monkeypatch, answer)
    receive_file = dag_bag.dags["receive_drops"].get_task("receive_file")
    monkeypatch.setitem(receive_file.partial_kwargs, "retry_delay", timedelta(0))
    received = run(dag_bag)
    assert tries.count(12) == 2
    assert str(received.state) == "success"


def test_an_error_that_no_step_foresaw_is_told_without_its_text(
    dag_bag, steps, monkeypatch, caplog, capfd
) -> None:
    def answer(file_id: int):
        raise KeyError(PATIENT)

    receive(monkeypatch, answer)
    with caplog.at_level(logging.DEBUG):
        received = run(dag_bag)
    told = caplog.text + "".join(capfd.readouterr())
    assert states(received)["receive_file[0]"] == "failed"
    assert "KeyError" in told
    assert "Nothing is lost" in told
    assert "JANE" not in told


def test_settings_that_cannot_be_used_are_named(dag_bag, steps, monkeypatch, caplog, capfd) -> None:
    from warehouse import settings

    def load_settings(home=None):
        raise settings.SettingsError("reclaim.toml: emission.mode: unknown key")

    monkeypatch.setattr(settings, "load_settings", load_settings)
    recovered = run(dag_bag, "recover_denials")
    assert states(recovered)["match"] == "failed"
    assert "emission.mode: unknown key" in caplog.text + "".join(capfd.readouterr())
    assert {task.try_number for task in recovered.get_task_instances()} == {0, 1}


def test_recovery_runs_all_steps_on_the_day_asked_for(dag_bag, steps) -> None:
    recovered = run(dag_bag, "recover_denials")
    assert str(recovered.state) == "success"
    assert steps.asked == [(name, DAY) for name in ("match", "propose", "emit", "check")]


def test_only_numbers_pass_between_tasks(dag_bag, steps) -> None:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    runs = [run(dag_bag).run_id, run(dag_bag, "recover_denials").run_id]
    with create_session() as session:
        rows = session.query(XComModel).filter(XComModel.run_id.in_(runs)).all()
        values = [XComModel.deserialize_value(row) for row in rows]
    assert len(values) == 9
    for value in values:
        numbers = value if isinstance(value, list) else [value]
        assert all(type(number) is int for number in numbers), value

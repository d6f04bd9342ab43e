"""A real Airflow, in a folder of its own, for the tests of the DAGs.

The settings must stand before Airflow is first imported, so they are made when this file is read.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DAGS = ROOT / "dags"

# Whatever Airflow or warehouse this shell is set up for must not be reached by a test.
for variable in [name for name in os.environ if name.startswith(("AIRFLOW", "RECLAIM"))]:
    del os.environ[variable]
AIRFLOW_HOME = Path(tempfile.mkdtemp(prefix="airflow-"))
atexit.register(shutil.rmtree, AIRFLOW_HOME, ignore_errors=True)
os.environ |= {
    "AIRFLOW_HOME": str(AIRFLOW_HOME),
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{AIRFLOW_HOME / 'airflow.db'}",
    "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}


@pytest.fixture(scope="session")
def dag_bag():
    """The DAGs as Airflow's own processor reads them, with the pool they run in."""
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    initdb()
    Pool.create_or_update_pool("reclaim", slots=1, description="", include_deferred=False)
    return BundleDagBag(DAGS, bundle_path=DAGS, bundle_name="dags-folder")

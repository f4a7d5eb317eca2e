"""Does a network read the recorder and the site? python -m benchmarks.recorders PTBXL RUN [CLASS].

PTBXL is the folder with ptbxl_database.csv; RUN is made where it is missing. Three networks, as
those of studies/patients.yaml, learn on folds 1–8 which recorder made an ECG and at which site,
from the columns of 0 and 1 in RUN/recorders.csv; fold 10 tests. Revisions of a recorder, told by
what stands behind its model, are one class; classes have at least 200 records. Methods are asked
about CLASS, the first of all where none is given.

Rule, written before it was run: a class is read where the lowest AUROC of the three networks is
above 0.6, the limit at which a network counts as one that reads (`ecglens.eval`); a map shows it
where it is *use*. A recorder goes with a year, a site and its patients, so that nothing here says
what is read. The first class turned out not to be read. Written after that and before its maps were
made: the class whose lowest AUROC is highest (`most_read`: site 2) is explained as well, by
networks of the same settings and seeds, and whatever comes out is kept. On another processor they
are other networks: their AUROCs are kept beside those of the first.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import pandas as pd
from ecglens.eval import Finding, answers_of
from ecglens.jobs import finished_in
from ecglens_reproductions.experiments import metric
from ecglens_reproductions.patients import answer_rows
from ecglens_reproductions.sweeps import suites, with_folders

TO = Path(__file__).parents[1] / "results" / "patients" / "recorders"
MODELS = {"cs100": "CS100 ", "cs12": "CS-12", "at6": "AT-6 "}
SITES = {"site0": 0, "site1": 1, "site2": 2}
CLASSES = (*MODELS, *SITES)
# Words of the study's part on age that are not for a single run of another target.
OWN = ("target", "hydra/launcher")


def classes_of(database: pd.DataFrame) -> pd.DataFrame:
    """A row per ECG with a column of 0 and 1 per class; an unknown site is none of the three."""
    devices = database["device"].astype(str)
    models = {name: devices.str.startswith(model).astype(int) for name, model in MODELS.items()}
    sites = {name: (database["site"] == site).astype(int) for name, site in SITES.items()}
    return pd.DataFrame({"ecg_id": database["ecg_id"], **models, **sites})


def most_read(classes: pd.DataFrame) -> str:
    """The class whose lowest AUROC over the networks is highest."""
    return str(classes.groupby("class")["auroc"].min().idxmax())


def words(ptbxl: Path, run: Path, store: Path, explained: str) -> list[str]:
    """Settings of the run: those of the study's networks that read age, but for the target."""
    given = {"ptbxl": ptbxl, "ludb": None}
    study, _ = with_folders(suites()["patients"]["overnight"], given)
    return [
        *(word for word in study["age"] if not word.startswith(OWN)),
        *("target=diagnosis", f"target.classes=[{','.join(CLASSES)}]"),
        f"target.explain={explained}",
        *(f"target.table={run / 'recorders.csv'}", "target.id=ecg_id"),
        *(f"store={store}", f"hydra.run.dir={run}"),
    ]


def aurocs(finding: Finding) -> pd.DataFrame:
    """AUROC of each class and network on the test part."""
    rows = []
    for network in range(len(finding.about.networks)):
        facts = finding.about.facts(network)
        for name in CLASSES:
            said = {"class": name, "network": network, "ecgs": facts["test"]}
            rows.append({**said, "auroc": metric(facts, "auroc", name)})
    return pd.DataFrame(rows)


def main() -> None:
    """Make the run, where it is missing, and write its tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("explained", choices=CLASSES, nargs="?", default=CLASSES[0])
    parser.add_argument("--store", type=Path, default=Path("store"))
    parser.add_argument("--to", type=Path, default=TO)
    given = parser.parse_args()
    run = given.run.resolve()
    run.mkdir(parents=True, exist_ok=True)
    database = pd.read_csv(given.ptbxl / "ptbxl_database.csv")
    classes_of(database).to_csv(run / "recorders.csv", index=False)
    own = words(given.ptbxl.resolve(), run, given.store.resolve(), given.explained)
    subprocess.run([sys.executable, "-m", "ecglens", "train", *own], check=True)
    given.to.mkdir(parents=True, exist_ok=True)
    findings = finished_in(run)
    (answer,) = answers_of(findings)
    tables = {
        "classes": aurocs(next(each for each in findings if each.curves)),
        "answers": pd.DataFrame(answer_rows(answer)),
    }
    for name, table in tables.items():
        table.to_csv(given.to / f"{name}-{given.explained}.csv", index=False)


if __name__ == "__main__":
    main()

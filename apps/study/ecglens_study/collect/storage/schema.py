"""Tables of a study; decisions are append-only.

An undone vote stays, with an undo beside it. The database enforces this for every writer: a turn
gets a second vote only after an undo, turns are voted on in order, and rows of the history are
never changed or deleted, unless an expert is erased (people.erase).
"""

FILE, ASSETS = "study.sqlite", "assets"
VERSION = 4  # raised when a table or its JSON changes; stored in the file

# SQLite 3.31 (2020) or later, for the generated column.
TABLES = """
CREATE TABLE study (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    settings TEXT NOT NULL, methods TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE items (number INTEGER PRIMARY KEY, item TEXT NOT NULL);

CREATE TABLE sheets (
    ecg TEXT NOT NULL, view TEXT NOT NULL, file TEXT NOT NULL UNIQUE, geometry TEXT NOT NULL,
    PRIMARY KEY (ecg, view));
CREATE TABLE maps (
    target TEXT NOT NULL, ecg TEXT NOT NULL, view TEXT NOT NULL, method TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,
    PRIMARY KEY (target, ecg, view, method));

-- number selects the expert's schedule; 0 is the organiser
CREATE TABLE people (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, number INTEGER NOT NULL UNIQUE,
    since TEXT NOT NULL);
CREATE TABLE links (
    id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people (id),
    digest TEXT NOT NULL UNIQUE, made TEXT NOT NULL, until TEXT NOT NULL,
    revoked TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX one_link_each ON links (person) WHERE revoked = '';
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY, link INTEGER NOT NULL REFERENCES links (id),
    since TEXT NOT NULL, until TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '');

-- methods are in the order of the screen
CREATE TABLE turns (
    expert INTEGER NOT NULL REFERENCES people (id), turn INTEGER NOT NULL CHECK (turn >= 1),
    item INTEGER NOT NULL REFERENCES items (number), showing INTEGER NOT NULL,
    methods TEXT NOT NULL,
    PRIMARY KEY (expert, turn));
CREATE TABLE shown (
    expert INTEGER NOT NULL, turn INTEGER NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (expert, turn), FOREIGN KEY (expert, turn) REFERENCES turns (expert, turn));

-- attempt n + 1 needs the undo of attempt n, and each exists once: no turn counts twice
CREATE TABLE votes (
    id INTEGER PRIMARY KEY, expert INTEGER NOT NULL, turn INTEGER NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1), at TEXT NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0), rating INTEGER NOT NULL,
    second TEXT NOT NULL, comment TEXT NOT NULL, seconds REAL,
    undone INTEGER GENERATED ALWAYS AS (nullif(attempt - 1, 0)) VIRTUAL,
    UNIQUE (expert, turn, attempt),
    FOREIGN KEY (expert, turn) REFERENCES turns (expert, turn),
    FOREIGN KEY (expert, turn, undone) REFERENCES undos (expert, turn, attempt));
CREATE TABLE undos (
    expert INTEGER NOT NULL, turn INTEGER NOT NULL, attempt INTEGER NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (expert, turn, attempt),
    FOREIGN KEY (expert, turn, attempt) REFERENCES votes (expert, turn, attempt));
CREATE VIEW counted AS SELECT * FROM votes WHERE NOT EXISTS (
    SELECT 1 FROM undos WHERE undos.expert = votes.expert AND undos.turn = votes.turn
        AND undos.attempt = votes.attempt);

CREATE TABLE consents (
    expert INTEGER PRIMARY KEY REFERENCES people (id), at TEXT NOT NULL);
CREATE TABLE withdrawals (
    expert INTEGER PRIMARY KEY REFERENCES people (id), at TEXT NOT NULL);
-- experts whose votes are final: they may see the names of the methods
CREATE TABLE finished (
    expert INTEGER PRIMARY KEY REFERENCES people (id), at TEXT NOT NULL);
CREATE TABLE guesses (
    expert INTEGER NOT NULL REFERENCES people (id), method TEXT NOT NULL, guess TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (expert, method));
CREATE TABLE locks (id INTEGER PRIMARY KEY, at TEXT NOT NULL, locked INTEGER NOT NULL);
CREATE TABLE log (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    detail TEXT NOT NULL);

CREATE TRIGGER votes_follow BEFORE INSERT ON votes
    WHEN NEW.turn > 1 AND NOT EXISTS (
        SELECT 1 FROM counted WHERE expert = NEW.expert AND turn = NEW.turn - 1)
    BEGIN SELECT RAISE(ABORT, 'expected a vote on the next turn'); END;
CREATE TRIGGER undos_lead BEFORE INSERT ON undos
    WHEN EXISTS (SELECT 1 FROM counted WHERE expert = NEW.expert AND turn = NEW.turn + 1)
    BEGIN SELECT RAISE(ABORT, 'expected to undo the last vote'); END;
"""

HISTORY = (
    "study", "items", "turns", "shown", "votes", "undos", "consents", "withdrawals", "finished",
    "guesses", "locks", "log",
)  # fmt: skip
# Triggers by name, with verb and table.
GUARDS = {f"{table}_{verb}": (verb, table) for table in HISTORY for verb in ("update", "delete")}
APPEND_ONLY = "".join(
    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;\n"
    for name, (verb, table) in GUARDS.items()
)

"""A server on this machine that answers W&B's clients as W&B does, and keeps what they send."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import graphql
from graphql.language.ast import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

OPERATION = re.compile(r"(?:query|mutation)\s+(\w+)")
VIEWER = {"id": "VXNlcjox", "entity": "ward", "username": "me", "email": "", "flags": "{}"}
PROJECT = {"id": "p", "name": "ecglens", "entity": {"id": "e", "name": "ward"}}
NEW = dict.fromkeys(("config", "description", "historyLineCount", "sweepName"))  # of a run
VIEW = {"id": "VmlldzoxMjM=", "name": "nw-9s4x294ocni-v"}


@dataclass
class Sent:
    """Operations of the API with their variables, and the content of each file by its path."""

    url: str = ""
    operations: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    committed: dict[str, str] = field(default_factory=dict)  # id by name and digest
    view: dict[str, Any] = field(default_factory=dict)  # the workspace that was saved last
    missing: list[str] = field(default_factory=list)  # fields that were asked for in vain

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [variables for name, variables in self.operations if name == operation]

    def answer(self, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What W&B's API says: every field that its clients ask for."""
        if operation == "Viewer":
            return {"viewer": {**VIEWER, "teams": {"edges": [{"node": {"name": "ward"}}]}}}
        if operation == "UpsertView2":
            self.view = VIEW | {each: given[each] for each in ("displayName", "spec")}
            return {"upsertView": {"view": self.view, "inserted": True}}
        if operation == "View":
            return {"project": {"allViews": {"edges": [{"node": self.view}]}}}
        if operation == "ServerFeaturesQuery":
            return {"serverInfo": {"features": []}}
        if operation == "UpsertBucket":
            run = {"id": "r", "name": given.get("name"), "displayName": given.get("displayName")}
            bucket = {**NEW, **run, "project": PROJECT}
            return {"upsertBucket": {"bucket": bucket, "inserted": True}}
        if operation == "CreateRunFiles":
            files = [
                {"name": each, "uploadUrl": f"{self.url}/run/{each}"} for each in given["files"]
            ]
            return {"createRunFiles": {"runID": "r", "uploadHeaders": [], "files": files}}
        return self._of_artifact(operation, given)

    def _of_artifact(self, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "CreateArtifact":
            key = f"{given['artifactCollectionName']} {given['digest']}"
            known = key in self.committed
            id = self.committed.setdefault(key, f"A{len(self.committed)}")
            sequence = {"id": "S", "latestArtifact": None}
            state = "COMMITTED" if known else "PENDING"
            artifact = {"id": id, "state": state, "artifactSequence": sequence}
            return {"createArtifact": {"artifact": artifact}}
        if operation == "CreateArtifactManifest":
            file = {"id": "F", "uploadUrl": f"{self.url}/manifest", "uploadHeaders": []}
            return {"createArtifactManifest": {"artifactManifest": {"id": "M", "file": file}}}
        if operation == "CreateArtifactFiles":
            nodes = [
                {
                    "storagePath": each["name"],
                    "uploadUrl": f"{self.url}/artifact/{each['name']}",
                    "uploadHeaders": [],
                    "uploadMultipartUrls": None,
                    "artifact": {"id": each["artifactID"]},
                }
                for each in given["artifactFiles"]
            ]
            edges = [{"node": node} for node in nodes]
            return {"createArtifactFiles": {"files": {"edges": edges}}}
        if operation in ("CommitArtifact", "UseArtifact"):
            name = operation[0].lower() + operation[1:]
            return {name: {"artifact": {"id": given["artifactID"], "digest": "d"}}}
        return {}


def _missing(query: str, said: Mapping[str, Any]) -> list[str]:
    """Fields of a query that its answer has not, as paths."""
    document = graphql.parse(query).definitions
    parts = {each.name.value: each for each in document if isinstance(each, FragmentDefinitionNode)}
    (operation,) = (each for each in document if isinstance(each, OperationDefinitionNode))

    def of(asked: SelectionSetNode, value: Any, path: str) -> Iterator[str]:
        for node in asked.selections:
            if isinstance(node, FragmentSpreadNode):
                yield from of(parts[node.name.value].selection_set, value, path)
            elif isinstance(node, InlineFragmentNode):
                yield from of(node.selection_set, value, path)
            elif isinstance(node, FieldNode):
                yield from of_field(node, value, path)

    def of_field(node: FieldNode, value: Any, path: str) -> Iterator[str]:
        name = (node.alias or node.name).value
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, Mapping):
                raise TypeError(f"expected an object at {path}, got {each!r}")
            if name not in each:
                yield f"{path}.{name}"
            elif node.selection_set and each[name] is not None:
                yield from of(node.selection_set, each[name], f"{path}.{name}")

    return [*of(operation.selection_set, said, operation.name.value if operation.name else "")]


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: who asks whether it answers does not wait."""


@contextmanager
def wandb_server() -> Iterator[Sent]:
    """What clients send to `url` while the block lasts."""
    sent = Sent()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({})

        def do_PUT(self) -> None:
            sent.files.append((self.path, self._body()))
            self._say({})

        def do_POST(self) -> None:
            body = self._body()
            if self.path != "/graphql":
                sent.files.append((self.path, body))
                self._say({"exitcode": None, "limits": {}})
                return
            asked = json.loads(body)
            variables = asked.get("variables") or {}
            given = variables.get("input") or variables
            found = OPERATION.search(asked["query"])
            operation = found[1] if found else ""
            sent.operations.append((operation, given))
            said = sent.answer(operation, given)
            try:
                sent.missing += _missing(asked["query"], said)
            except (AttributeError, TypeError, ValueError) as error:  # not even of the asked form
                sent.missing.append(f"{operation}: {error!r}")
            self._say({"data": said})

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _say(self, content: Mapping[str, Any]) -> None:
            said = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    with _Quiet(("127.0.0.1", 0), Handler) as server:
        sent.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield sent
        server.shutdown()
    assert not sent.missing, sent.missing

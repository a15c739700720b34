"""Clients made by two public generators change the one field that they are told to change."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from scripts.dev.openapi import PATH
from tests.servers.running import Site, as_processes

pytestmark = pytest.mark.prove

ARTICLE = {
    "locale": "en",
    "title": "Comet",
    "slug": "comet",
    "summary": "The first jet airliner.",
    "body": "It first flew in 1949.",
    "sources": [{"title": "A book", "url": ""}],
    "tags": ["jet"],
    "category": "aircraft",
}

PYTHON = """
import sys
from made import AuthenticatedClient
from made.api.articles import list_articles, read_article_draft, revise_article
from made.models import ArticleDraft, ArticleDraftDraft, ReviseArticle

url, token, id_ = sys.argv[1:]
client = AuthenticatedClient(url, token, raise_on_unexpected_status=True)
receipt = revise_article.sync(id_, client=client, body=ReviseArticle(title="Comet 1"), if_match='"v1"')
draft = read_article_draft.sync(id_, client=client, after=receipt.position)
assert isinstance(draft, ArticleDraft) and draft.draft == ArticleDraftDraft.OPEN, draft
assert [] == list_articles.sync(client=client).items
stale = revise_article.sync(id_, client=client, body=ReviseArticle(title="Mine"), if_match='"v1"')
print(receipt.revision, draft.revision, stale.changed, stale.theirs.to_dict())
"""

TYPESCRIPT = """
import createClient from "openapi-fetch";
import type { paths, components } from "./made";

declare const process: { argv: string[]; exit(code: number): never };
const [url, token, id] = process.argv.slice(2) as [string, string, string];
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
const body: components["schemas"]["ReviseArticle"] = { title: "Comet 1" };
const revise = (seen: string) => client.PATCH("/v1/articles/{id}", {
  params: { path: { id }, header: { "If-Match": seen } }, body,
});
const { data: receipt } = await revise('"v1"');
if (!receipt) process.exit(1);
const { data: draft } = await client.GET("/v1/articles/{id}/draft", {
  params: { path: { id }, query: { after: receipt.position } },
});
const state: "none" | "open" | "submitted" | undefined = draft?.draft;
const { data: page } = await client.GET("/v1/articles", { params: { query: { sort: "title" } } });
const { error: stale } = await revise('"v1"');
const theirs = stale && "theirs" in stale ? stale.theirs : {};
console.log(receipt.revision, draft?.revision, state, page?.items.length, JSON.stringify(theirs));
"""

PACKAGES = ("openapi-typescript@7", "openapi-fetch@0", "typescript@5")


def missing(what: str) -> NoReturn:
    """Skip the test for a person; on a build machine it fails."""
    if os.environ.get("CI") == "true":  # noqa: TID251 - the convention of build machines
        pytest.fail(what)
    pytest.skip(what)


def run(*command: str | Path, folder: Path) -> str:
    """Run a program to its end; return all that it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout + done.stderr


def installed(*command: str | Path, folder: Path) -> None:
    """Run what brings packages along, which needs a registry."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
    if done.returncode:
        missing(f"{command[0]}: {done.stderr[-300:]}")


async def with_an_article(site: Site) -> str:
    made = await site.editor.done("POST", "/articles", ARTICLE)
    return str(made["id"])


async def one_field_changed(site: Site, id_: str) -> None:
    """Assert that the draft is as it was made but for its title."""
    draft = (await site.editor.send("GET", f"/articles/{id_}/draft")).json()
    assert ARTICLE | {"title": "Comet 1"} == {name: draft[name] for name in ARTICLE}


def token_of(site: Site) -> str:
    return site.editor.headers["Authorization"].removeprefix("Bearer ")


async def test_a_python_client_revises_one_field(database: str, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "venv", folder=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    installed(binaries / "pip", "install", "-q", "openapi-python-client>=0.29,<0.30", folder=tmp_path)
    (tmp_path / "config.yml").write_text("post_hooks: []\n")
    said = run(
        binaries / "openapi-python-client", "generate", "--path", PATH, "--output-path", "made",
        "--meta", "none", "--config", "config.yml", "--fail-on-warning", folder=tmp_path,
    )  # fmt: skip
    assert "arning" not in said
    (tmp_path / "revise.py").write_text(PYTHON)
    async with as_processes(database, tmp_path) as (running, site):
        id_ = await with_an_article(site)
        arguments = (binaries / "python", "revise.py", running.url, token_of(site), id_)
        said = await asyncio.to_thread(run, *arguments, folder=tmp_path)
        assert "2 2 ['title'] {'title': 'Comet 1'}\n" == said
        await one_field_changed(site, id_)


async def test_a_typescript_client_revises_one_field(database: str, tmp_path: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("npm and node are not installed")
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    installed(npm, "install", "--silent", "--no-audit", "--no-fund", *PACKAGES, folder=tmp_path)
    tools = tmp_path / "node_modules"
    said = run(node, tools / ".bin" / "openapi-typescript", PATH, "-o", "made.d.ts", folder=tmp_path)
    assert "warn" not in said.lower()
    (tmp_path / "revise.ts").write_text(TYPESCRIPT)
    strict = ("--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler")
    run(node, tools / "typescript" / "bin" / "tsc", *strict, "revise.ts", folder=tmp_path)
    async with as_processes(database, tmp_path) as (running, site):
        id_ = await with_an_article(site)
        arguments = (node, "revise.js", running.url, token_of(site), id_)
        said = await asyncio.to_thread(run, *arguments, folder=tmp_path)
        assert '2 2 open 0 {"title":"Comet 1"}\n' == said
        await one_field_changed(site, id_)

"""Clients made by two public generators create, publish and read, and change only what they are told to."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from scripts.dev.openapi import PATH
from tests.servers.running import Editor, Site, as_processes

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
from made import AuthenticatedClient, Client
from made.api.articles import (
    create_article, list_articles, publish_article, read_article, read_article_draft, revise_article,
    submit_article,
)
from made.models import (
    Article, ArticleDraft, ArticleDraftDraft, ArticlePage, CitationBody, ConflictProblem, CreateArticle,
    CreateArticleLocale, EntryReceipt, InvalidProblem, Publish, ReviseArticle,
    StaleProblem,
)

url, token, moderator, id_ = sys.argv[1:]
client = AuthenticatedClient(url, token, raise_on_unexpected_status=True)
receipt = revise_article.sync(id_, client=client, body=ReviseArticle(title="Comet 1"), if_match='"v1"')
draft = read_article_draft.sync(id_, client=client, after=receipt.position)
assert isinstance(draft, ArticleDraft) and draft.draft == ArticleDraftDraft.OPEN, draft
assert [] == list_articles.sync(client=client).items
stale = revise_article.sync(id_, client=client, body=ReviseArticle(title="Mine"), if_match='"v1"')
assert isinstance(receipt, EntryReceipt) and isinstance(stale, StaleProblem), (receipt, stale)

body = CreateArticle(
    locale=CreateArticleLocale.EN, title="Caravelle", slug="caravelle", summary="A short one.",
    body="It first flew in 1955.", sources=[CitationBody(title="A book")], tags=["jet"],
    category="aircraft",
)
made = create_article.sync_detailed(client=client, body=body, idempotency_key="once")
again = create_article.sync_detailed(client=client, body=body, idempotency_key="once")
assert (201, made.content) == (made.status_code, again.content)
assert "true" == again.headers["Idempotency-Replayed"]
other = create_article.sync(client=client, body=body)
assert isinstance(other, ConflictProblem) and other.owner == made.parsed.id, other
new = str(made.parsed.id)
submitted = submit_article.sync(new, client=client, if_match=made.headers["ETag"])
assert isinstance(submitted, EntryReceipt), submitted
boss = AuthenticatedClient(url, moderator, raise_on_unexpected_status=True)
tag = f'"v{submitted.version}"'
forced = publish_article.sync(new, client=boss, body=Publish(revision=0), if_match=tag)
assert isinstance(forced, InvalidProblem) and forced.errors[0].pointer == "/revision", forced
published = publish_article.sync(new, client=boss, body=Publish(revision=1), if_match=tag)
assert isinstance(published, EntryReceipt), published
anybody = Client(url, raise_on_unexpected_status=True)
article = read_article.sync("caravelle", client=anybody, after=published.position)
assert isinstance(article, Article) and article.sources[0].title == "A book", article
page = list_articles.sync(client=anybody)
assert isinstance(page, ArticlePage) and ["caravelle"] == [one.slug for one in page.items], page
print(receipt.revision, draft.revision, stale.changed, stale.theirs.to_dict())
"""

TYPESCRIPT = """
import createClient from "openapi-fetch";
import type { paths, components } from "./made";

declare const process: { argv: string[]; exit(code: number): never };
const [url, token, moderator, id] = process.argv.slice(2) as [string, string, string, string];
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

const draftOf: components["schemas"]["CreateArticle"] = {
  locale: "en", title: "Caravelle", slug: "caravelle", summary: "A short one.",
  body: "It first flew in 1955.", sources: [{ title: "A book" }], tags: ["jet"], category: "aircraft",
};
const { data: made, response } = await client.POST("/v1/articles", { body: draftOf });
if (!made) process.exit(2);
const one = { id: made.id };
const { data: submitted } = await client.PUT("/v1/articles/{id}/submission", {
  params: { path: one, header: { "If-Match": response.headers.get("ETag") ?? "" } },
});
const boss = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${moderator}` } });
const { data: published } = await boss.PUT("/v1/articles/{id}/publication", {
  params: { path: one, header: { "If-Match": `"v${submitted?.version}"` } }, body: { revision: 1 },
});
const anybody = createClient<paths>({ baseUrl: url });
const { data: article } = await anybody.GET("/v1/articles/{address}", {
  params: { path: { address: "caravelle" }, query: { after: published?.position } },
});
const source: string | undefined = article?.sources?.[0]?.title;
if (source !== "A book") process.exit(3);
console.log(receipt.revision, draft?.revision, state, page?.items.length, JSON.stringify(theirs));
"""

CONFIG = """
post_hooks: []
content_type_overrides:
  image/jpeg: application/octet-stream
  image/png: application/octet-stream
"""
"""The Python generator has to be told that answers of these types are bytes: it knows few types by itself."""

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


def token_of(who: Editor) -> str:
    return who.headers["Authorization"].removeprefix("Bearer ")


async def test_a_python_client_creates_publishes_and_reads_and_revises_one_field(
    database: str, tmp_path: Path
) -> None:
    run(sys.executable, "-m", "venv", "venv", folder=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    installed(binaries / "pip", "install", "-q", "openapi-python-client>=0.29,<0.30", folder=tmp_path)
    (tmp_path / "config.yml").write_text(CONFIG)
    said = run(
        binaries / "openapi-python-client", "generate", "--path", PATH, "--output-path", "made",
        "--meta", "none", "--config", "config.yml", "--fail-on-warning", folder=tmp_path,
    )  # fmt: skip
    assert "arning" not in said
    (tmp_path / "revise.py").write_text(PYTHON)
    async with as_processes(database, tmp_path) as (running, site):
        id_ = await with_an_article(site)
        tokens = (token_of(site.editor), token_of(site.moderator))
        arguments = (binaries / "python", "revise.py", running.url, *tokens, id_)
        said = await asyncio.to_thread(run, *arguments, folder=tmp_path)
        assert "2 2 ['title'] {'title': 'Comet 1'}\n" == said
        await one_field_changed(site, id_)


async def test_a_typescript_client_creates_publishes_and_reads_and_revises_one_field(
    database: str, tmp_path: Path
) -> None:
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
        tokens = (token_of(site.editor), token_of(site.moderator))
        arguments = (node, "revise.js", running.url, *tokens, id_)
        said = await asyncio.to_thread(run, *arguments, folder=tmp_path)
        assert '2 2 open 0 {"title":"Comet 1"}\n' == said
        await one_field_changed(site, id_)

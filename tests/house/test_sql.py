"""No value gets into the text of a query: values are parameters, names are those that this build declares."""

import ast
import re
from collections.abc import Iterator, Mapping

from kit.checkout import ROOT
from tests.given.product import files

SQL = re.compile(
    r"\s*(select|insert into|update|delete from|with|set local|set|drop|create|grant|revoke|alter|lock|call"
    r"|copy|truncate|analyze|vacuum|listen|notify)\s+\S",
    re.IGNORECASE,
)

OURS = {
    "kit/auth/standing.py": {"FRESH_PROOF.total_seconds()"},
    "kit/http/requests/phrases.py": {"context"},
    "kit/log/lease.py": {
        "_key('$1::text', '$2::bigint')",
        "_key('l.name', 'l.term')",
        "_key('name', 'term')",
    },
    "kit/log/rows.py": {"chosen", "order", "size"},
    "projections/applying/one_statement.py": {"', '.join(found)"},
    "projections/applying/rows.py": {
        "columns",
        "f'do update set {update}' if update else 'do nothing'",
        "is_.table",
        "match",
        "names",
        "parts",
        "rows",
        "values",
    },
    "projections/builds/compare.py": {"_hashed(table, keys, one)", "_hashed(table, keys, other)", "names"},
    "projections/builds/generation.py": {"column"},
    "projections/verify/tables.py": {
        "PARTS - 1",
        "f'{quoted(generation.schema)}.{quoted(table.name)}'",
        "names((column for column in table.columns if isinstance(column.type, Uuid)))",
        "names(table.columns)",
        "names(table.primary_key)",
    },
    "read_side/accounts/audit.py": {"'where ' + where if where else ''", "query.limit + 1"},
    "read_side/accounts/invitations.py": {"' where ' + where if where else ''", "query.limit + 1"},
    "read_side/accounts/listing.py": {"COUNTED + 1", "_where(conditions)", "f'${n}::text'", "items", "limit"},
    "read_side/entry/brought/cards.py": {"cards", "kind", "place", "schema"},
    "read_side/entry/draft.py": {
        "HELD.format(schema='{schema}', entry='e.id', base='e.body_base', revision='e.body_revision')",
        "f\"'{schema}'\"",
    },
    "read_side/entry/history.py": {
        "'' if everything else \"and e.publication = 'pinned'\"",
        "'' if everything else _PUBLIC",
        "condition",
        "facts",
        "more.format(schema=place)",
        "place",
        "schema",
    },
    "read_side/entry/pointing/broken.py": {"EXAMINED + 1"},
    "read_side/entry/pointing/used_by.py": {"schema"},
    "read_side/entry/statement.py": {
        "HELD.format(schema='{schema}', entry='b.entry', base='r.body_base', revision='b.revision')",
        "_OWNERS[by].format(schema=place)",
        "_QUESTIONS[by]",
        "one",
        "place",
        "schema",
    },
    "read_side/entry/suggesting/asking.py": {"' union all '.join(branches)", "said", "tags", "view.name"},
    "read_side/entry/vocabularies/terms.py": {"schema"},
    "read_side/feed/reading.py": {"chosen.format(**names)", "head", "names"},
    "read_side/pages/home.py": {"_SHOWN[kind]", "condition", "kind"},
    "read_side/pages/timeline.py": {"'\\nunion all'.join(parts)", "names"},
    "read_side/selection.py": {"schema"},
    "scripts/importing/import_content.py": {"one.place", "one.reason"},
    "scripts/migrate.py": {"roles"},
    "write_side/accounts/erasure/erasing.py": {"' for update' if lock else ''"},
    "write_side/accounts/forgetting.py": {"over.condition", "over.key", "over.table"},
    "write_side/accounts/sessions.py": {"table", "told", "what"},
    "write_side/log/append.py": {"NOTIFIED.format('(a.first[1] + cardinality($12) - 1)::text')"},
    "write_side/recorder/snapshots.py": {"'desc' if desc else 'asc'"},
    "write_side/recorder/stored.py": {"'desc' if newest_first else 'asc'", "asked"},
}
"""File → what it puts into the text of a query beside constants and quoted names. Each was looked at: it is a
choice among texts that stand in the code, or a number that is one. Anyone who adds to this looks as well."""


def is_sql(text: str) -> bool:
    return SQL.match(text) is not None and len(text.split()) > 2


def spelt(node: ast.expr, constants: Mapping[str, str]) -> str:
    """Return the literal part of a text that is put together, constants of the module included."""
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.Name(id=name):
            return constants.get(name, "{}")
        case ast.FormattedValue(value=value):
            return spelt(value, constants)
        case ast.JoinedStr(values=values):
            return "".join(spelt(one, constants) for one in values)
    return "{}"


def is_a_name(node: ast.expr) -> bool:
    """Say whether an expression is a constant of a module, or a name in quotes."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper()
        case ast.Call(func=ast.Name(id="quoted") | ast.Attribute(attr="quoted")):
            return True
        case ast.Call(
            func=ast.Attribute(attr="join"), args=[ast.Call(func=ast.Name(id="map"), args=[first, _])]
        ):
            return isinstance(first, ast.Name) and first.id == "quoted"
    return False


def put_in(tree: ast.Module) -> Iterator[str]:
    """Yield the expressions that are put into the texts of queries."""
    constants: dict[str, str] = {}
    for one in tree.body:
        if isinstance(one, ast.Assign):
            text = spelt(one.value, constants)
            constants |= {name.id: text for name in one.targets if isinstance(name, ast.Name)}
    for node in ast.walk(tree):
        found: list[ast.expr] = []
        match node:
            case ast.JoinedStr() if is_sql(spelt(node, constants)):
                found = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            case ast.Call(func=ast.Attribute(attr="format", value=ast.Name(id=name))):
                if is_sql(constants.get(name, "select of another")):
                    found = [*node.args, *(given.value for given in node.keywords)]
            case ast.BinOp(op=ast.Mod() | ast.Add(), left=left, right=right) if is_sql(
                spelt(left, constants)
            ):
                found = [right]
        yield from (ast.unparse(given) for given in found if not is_a_name(given))


def test_nothing_but_names_of_this_build_is_put_into_the_text_of_a_query() -> None:
    found: dict[str, set[str]] = {}
    for file in files():
        ours = file.parts[0] not in {"tests", "migrations"} and file.parts[:2] != ("scripts", "bench")
        if file.suffix == ".py" and ours:
            found[str(file)] = set(put_in(ast.parse((ROOT / file).read_text("utf-8"))))
    assert OURS == {file: said for file, said in found.items() if said}


def test_a_value_in_the_text_of_a_query_is_found() -> None:
    for written in (
        "await connection.fetch(f\"select id from auth.account where name = '{name}'\")",
        '_ONE = "select {} from auth.account"\n_ONE.format(asked)',
        '"select id from auth.account where id = %s" % asked',
        '"select id from auth.account order by " + asked',
        '_ONE = "select id from auth.account"\nconnection.fetch(f"{_ONE} where id = {asked}")',
    ):
        assert list(put_in(ast.parse(written))), written
    for written in (
        'f"select {COLUMNS} from {quoted(schema)}.entry"',
        'f"Choose {name}, please, or another"',
    ):
        assert [] == list(put_in(ast.parse(written))), written


def test_nobody_judges_a_request_by_an_address_that_its_host_is_part_of() -> None:
    said = re.compile(r"\brequest\.(?:url|base_url)\b|\.url_for\(|\bscope\.url\b")
    found = {
        str(file)
        for file in files()
        if file.suffix == ".py"
        and file.parts[0] in {"kit", "read_side", "write_side", "scripts"}
        and said.search((ROOT / file).read_text("utf-8"))
    }
    assert set() == found

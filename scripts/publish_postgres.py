"""Move freshly built marts into the public schemas of PostgreSQL, in one transaction.

dbt builds into <prefix>build_analytics and <prefix>build_quality; publish() drops the public marts
and moves the new ones into their place. What people added to the public marts goes along: views and
materialized views on them (also views on views) are made again from their definitions, with owner,
privileges, comments, options and indexes; privileges and indexes on marts are kept. Whatever cannot
be made again stops the publication, and then nothing has changed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

import psycopg2
from places import query
from psycopg2 import errors
from psycopg2.sql import SQL, Composable, Identifier, Literal

MART_SCHEMAS = ("analytics", "quality", "dashboard")

# A lock is waited for so briefly that no reader is ever chosen as the victim of a deadlock (after
# deadlock_timeout, a second) and none queues behind us for long; then all is tried again.
LOCK_WAIT = "250ms"
PATIENCE_SECONDS = 60.0

# Who has locks on relations.
LOCKS = """
    select distinct pid, usename, application_name, xact_start::text
    from pg_locks join pg_stat_activity using (pid)
    where
        locktype = 'relation' and granted and relation = any(%s) and pid <> pg_backend_pid()
        and database = (select oid from pg_database where datname = current_database())
"""

# Whose snapshot is from before the build of relations and may yet serve another query: moved to
# where that query looks, they would seem empty. A lone query has found its relations already.
OLD_SNAPSHOTS = """
    select pid, usename, application_name, xact_start::text
    from pg_stat_activity
    where
        datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend'
        and (state <> 'active' or xact_start < query_start) and xact_start < %s
        and age(backend_xmin) >= (select min(age(xmin)) from pg_class where oid = any(%s))
"""

PUBLICATION_COLUMNS = {
    "published_at": ("timestamp with time zone", "When the marts of this database were published."),
    "as_of_date": ("date", "Date the marts are computed for; null in a shop without orders."),
    "source_system": ("text", "Where raw data came from, as the knob source_system names it."),
    "manifest": ("json", "Everything that is known of the publication: tests, rows per mart."),
}


class PublishError(Exception):
    """The marts are not published; the message says why and what to do."""


class OldSnapshotError(Exception):
    """A transaction is open that would see marts as they were before the build: empty."""


class Mart(NamedTuple):
    """A mart: its schema without a prefix, and its table."""

    schema: str
    table: str

    @property
    def name(self) -> str:
        """As the manifest names it."""
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class View:
    """A view or materialized view on marts, and the statements that make it again."""

    oid: int
    name: Composable
    label: str
    kind: str
    owner: str
    is_ours: bool
    statements: list[Composable] = field(default_factory=list)


def publish(
    connection: Any, manifest: dict[str, Any], marts: list[Mart], build_schemas: set[str]
) -> dict[str, Any]:
    """Publish the marts and return the manifest, which the database keeps, too.

    Where this very build is published already, nothing is done.
    """
    publication = Publication(connection, manifest["schema_prefix"], build_schemas)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    pause = 0.1
    while True:
        try:
            with connection:
                return publication.attempt(manifest, marts)
        except (errors.LockNotAvailable, errors.DeadlockDetected, OldSnapshotError) as error:
            if time.monotonic() > give_up_at:
                raise PublishError(publication.who_is_in_the_way()) from error
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
        except psycopg2.Error as error:
            raise PublishError(f"PostgreSQL says: {said(error)}") from error


class Publication:
    """One transaction that publishes."""

    def __init__(self, connection: Any, prefix: str, build_schemas: set[str]) -> None:
        self.connection = connection
        self.prefix = prefix
        self.build_schemas = build_schemas
        self.build_prefix = prefix + "build_"
        self.table = Identifier(prefix + "quality", "publication")
        self.wanted: list[int] = []
        self.built: list[int] = []
        self.built_at: Any = None

    # --- the transaction ---

    def attempt(self, manifest: dict[str, Any], marts: list[Mart]) -> dict[str, Any]:
        """Publish, or raise and change nothing."""
        self.run("set local search_path = ''")  # definitions then name every schema
        self.run("set local lock_timeout = {}", Literal(LOCK_WAIT))
        self.check_build(manifest["invocation_id"])
        before = self.published_before()
        if before and before["invocation_id"] == manifest["invocation_id"]:
            return before
        new = self.tables(self.build_prefix, marts)
        missing = [mart.name for mart in marts if mart not in new]
        if missing:
            raise PublishError(
                f"the schema {self.build_prefix}{missing[0].split('.')[0]} has no table "
                f"{missing[0].split('.')[1]}: build again"
            )
        self.built = list(new.values())
        self.built_at = self.built_at or self.when_built(manifest)
        if query(self.connection, OLD_SNAPSHOTS, [self.built_at, self.built]):
            raise OldSnapshotError
        manifest = self.completed(manifest, marts)
        known = [Mart(*name.split(".")) for name in before["marts"]] if before else []
        old = self.tables(self.prefix, sorted({*marts, *known}))
        self.make_schemas()

        views = self.views_on(list(old.values()))
        self.wanted = [*old.values(), *(view.oid for view in views)]
        self.check_attachments(old, new, views)

        self.drop_views(views)
        self.lock(old)
        privileges = {mart: self.privileges(oid, self.public(mart)) for mart, oid in old.items()}
        indexes = {mart: self.indexes(oid) for mart, oid in old.items()}
        self.drop(old)
        for mart in marts:
            place = Identifier(self.build_prefix + mart.schema, mart.table)
            schema = Identifier(self.prefix + mart.schema)
            self.run("alter table {} set schema {}", place, schema)
            kept = privileges.get(mart)
            self.run_all(self.default_privileges(mart) if kept is None else kept)
            self.run_all(indexes.get(mart, []))
        self.make_views(views)
        self.keep(manifest)
        return manifest

    def published_before(self) -> dict[str, Any] | None:
        """The manifest of the publication that is there."""
        if not self.ask("select to_regclass({})", Literal(self.regclass("quality", "publication"))):
            return None
        return self.ask("select manifest from {}", self.table)

    def check_build(self, invocation_id: str) -> None:
        """The build's schemas were touched last by this build, and no other begins meanwhile."""
        table = Identifier(self.build_prefix + "raw", "last_invocation")
        try:
            last = self.ask("select invocation_id from {} for update", table)
        except errors.UndefinedTable:
            last = None
        if last != invocation_id:
            raise PublishError(
                f"the schemas {self.build_prefix}… were touched since the build: build again"
            )

    def when_built(self, manifest: dict[str, Any]) -> Any:
        """When the build ended by the clock of the server, which may not be ours."""
        ago = datetime.now(timezone.utc) - datetime.fromisoformat(manifest["built_at"])
        seconds = Literal(max(0.0, ago.total_seconds()))
        return self.ask("select clock_timestamp() - make_interval(secs => {})", seconds)

    def completed(self, manifest: dict[str, Any], marts: list[Mart]) -> dict[str, Any]:
        """The manifest with what the built tables say."""
        clock = Identifier(self.build_prefix + "intermediate", "int_as_of_date")
        as_of_date = self.ask("select max(as_of_date) from {}", clock)
        counts = {}
        for mart in marts:
            place = Identifier(self.build_prefix + mart.schema, mart.table)
            rows = self.ask("select count(*) from {}", place)
            columns = self.ask(
                "select count(*) from pg_attribute where attrelid = {}::regclass "
                "and attnum > 0 and not attisdropped",
                Literal(self.regclass("build_" + mart.schema, mart.table)),
            )
            counts[mart.name] = {"rows": rows, "columns": columns}
        return manifest | {
            "as_of_date": as_of_date.isoformat() if as_of_date else None,
            "postgres_version": self.ask("show server_version"),
            "marts": counts,
        }

    def make_schemas(self) -> None:
        """The public schemas, where they are not there yet."""
        for schema in MART_SCHEMAS:
            name = self.prefix + schema
            if not self.ask("select to_regnamespace({})", Literal(quoted(name))):
                self.run("create schema {}", Identifier(name))

    def lock(self, marts: Iterable[Mart]) -> None:
        """Have public marts alone."""
        if names := self.listed(marts):
            self.run("lock table {} in access exclusive mode", names)

    def drop(self, marts: Iterable[Mart]) -> None:
        """Drop public marts; PostgreSQL refuses while anything else needs one of them."""
        try:
            if names := self.listed(marts):
                self.run("drop table {}", names)
        except errors.DependentObjectsStillExist as error:
            raise PublishError(
                "something else than a view needs a public mart, and would be lost with it: "
                f"{error.diag.message_detail}. Drop it, publish, and make it again."
            ) from error

    def keep(self, manifest: dict[str, Any]) -> None:
        """Put the manifest into the one-row table <prefix>quality.publication."""
        columns = SQL(", ").join(
            SQL("{} " + kind).format(Identifier(name))
            for name, (kind, _) in PUBLICATION_COLUMNS.items()
        )
        if not self.ask("select to_regclass({})", Literal(self.regclass("quality", "publication"))):
            self.run("create table {} ({})", self.table, columns)
            self.run(
                "comment on table {} is {}",
                self.table,
                Literal("One row: the publication whose marts this database shows."),
            )
            for name, (_, text) in PUBLICATION_COLUMNS.items():
                column = Identifier(*self.table.strings, name)
                self.run("comment on column {} is {}", column, Literal(text))
        self.run("delete from {}", self.table)
        self.run(
            "insert into {} values ({}, {}, {}, {})",
            self.table,
            Literal(manifest["published_at"]),
            Literal(manifest["as_of_date"]),
            Literal(manifest["source_system"]),
            Literal(json.dumps(manifest)),
        )

    # --- what is there ---

    def tables(self, prefix: str, marts: list[Mart]) -> dict[Mart, int]:
        """The oid of each mart that is there; a relation that is no table is in the way."""
        rows = query(
            self.connection,
            "select nspname, relname, relkind, pg_class.oid from pg_class "
            "join pg_namespace on pg_namespace.oid = relnamespace where nspname = any(%s)",
            [[prefix + schema for schema in MART_SCHEMAS]],
        )
        found = {}
        for schema, table, kind, oid in rows:
            mart = Mart(schema.removeprefix(prefix), table)
            if mart in marts:
                if kind != "r":
                    raise PublishError(
                        f"{schema}.{table} is no table, so the mart cannot take its place: "
                        "rename or drop it"
                    )
                found[mart] = oid
        return {mart: found[mart] for mart in marts if mart in found}

    def views_on(self, oids: list[int]) -> list[View]:
        """Views and materialized views on relations, each after those it reads."""
        edges = query(
            self.connection,
            """
            with recursive edges as (
                select refobjid as is_read, ev_class as reads
                from pg_depend
                join pg_rewrite on pg_rewrite.oid = objid and rulename = '_RETURN'
                where
                    classid = 'pg_rewrite'::regclass
                    and refclassid = 'pg_class'::regclass
                    and refobjid <> ev_class
            ),
            found as (
                select is_read, reads from edges where is_read = any(%s)
                union
                select edges.is_read, edges.reads
                from edges join found on edges.is_read = found.reads
            )
            select is_read, reads from found
            """,
            [oids],
        )
        order: TopologicalSorter[int] = TopologicalSorter()
        for is_read, reads in edges:
            order.add(reads, is_read)
        return [self.view(oid) for oid in order.static_order() if oid not in oids]

    def view(self, oid: int) -> View:
        """What makes a view again."""
        [(schema, name, kind, owner, options, populated, space, definition)] = query(
            self.connection,
            "select nspname, relname, relkind, pg_get_userbyid(relowner), reloptions, "
            "relispopulated, spcname, pg_get_viewdef(pg_class.oid) from pg_class "
            "join pg_namespace on pg_namespace.oid = relnamespace "
            "left join pg_tablespace on pg_tablespace.oid = reltablespace where pg_class.oid = %s",
            [oid],
        )
        place = Identifier(schema, name)
        is_table = kind == "m"
        statement = SQL("create {} {}{}{} as {}{}").format(
            SQL("materialized view" if is_table else "view"),
            place,
            SQL(f" with ({', '.join(options)})" if options else ""),
            SQL(" tablespace {}").format(Identifier(space)) if space else SQL(""),
            SQL(definition.rstrip().removesuffix(";")),
            SQL("" if populated or not is_table else " with no data"),
        )
        return View(
            oid=oid,
            name=place,
            label=f"{schema}.{name}",
            kind="materialized view" if is_table else "view",
            owner=owner,
            is_ours=schema in self.build_schemas,
            statements=[
                statement,
                *self.comments(oid, place, is_table),
                *self.indexes(oid),
                *self.privileges(oid, place),
            ],
        )

    def comments(self, oid: int, place: Identifier, is_table: bool) -> list[Composable]:
        """Statements that describe a view and its columns as now."""
        rows = query(
            self.connection,
            "select attname, description from pg_description left join pg_attribute "
            "on attrelid = objoid and attnum = objsubid and objsubid > 0 "
            "where objoid = %s and classoid = 'pg_class'::regclass",
            [oid],
        )
        kind = SQL("materialized view" if is_table else "view")
        return [
            SQL("comment on column {} is {}").format(
                Identifier(*place.strings, column), Literal(text)
            )
            if column
            else SQL("comment on {} {} is {}").format(kind, place, Literal(text))
            for column, text in rows
        ]

    def indexes(self, oid: int) -> list[Composable]:
        """Statements that make the indexes of a relation again."""
        rows = query(
            self.connection,
            "select pg_get_indexdef(indexrelid), obj_description(indexrelid, 'pg_class'), "
            "indexrelid::regclass::text from pg_index where indrelid = %s and not exists "
            "(select from pg_constraint where conindid = indexrelid)",
            [oid],
        )
        statements: list[Composable] = []
        for definition, comment, name in rows:
            statements.append(SQL(definition))
            if comment:
                statements.append(
                    SQL("comment on index {} is {}").format(SQL(name), Literal(comment))
                )
        return statements

    def privileges(self, oid: int, place: Identifier) -> list[Composable]:
        """Statements that grant what is granted on a relation and its columns."""
        rows = query(
            self.connection,
            """
            select null, acl.* from pg_class, aclexplode(relacl) as acl where oid = %s
            union all
            select attname, acl.* from pg_attribute, aclexplode(attacl) as acl where attrelid = %s
            """,
            [oid, oid],
        )
        return [self.grant(place, *row) for row in rows]

    def default_privileges(self, mart: Mart) -> list[Composable]:
        """Statements that grant on a new mart what tables made in its schema get."""
        rows = query(
            self.connection,
            "select null, acl.* from pg_default_acl, aclexplode(defaclacl) as acl "
            "where defaclobjtype = 'r' and defaclrole = current_user::regrole "
            "and defaclnamespace = %s::regnamespace",
            [quoted(self.prefix + mart.schema)],
        )
        return [self.grant(self.public(mart), *row) for row in rows]

    def grant(
        self,
        place: Identifier,
        column: str | None,
        _grantor: int,
        grantee: int,
        privilege: str,
        is_grantable: bool,
    ) -> Composable:
        """A grant statement."""
        role = self.ask("select pg_get_userbyid({})", Literal(grantee)) if grantee else None
        return SQL("grant {}{} on {} to {}{}").format(
            SQL(privilege),
            SQL(" ({})").format(Identifier(column)) if column else SQL(""),
            place,
            Identifier(role) if role else SQL("public"),
            SQL(" with grant option" if is_grantable else ""),
        )

    def check_attachments(
        self, old: dict[Mart, int], new: dict[Mart, int], views: list[View]
    ) -> None:
        """Stop where a drop would silently take something along that is not made again.

        That is what hangs on the relation itself: triggers, rules, policies, keys, statistics …
        """
        oids = [*old.values(), *(view.oid for view in views if not view.is_ours)]
        rows = query(
            self.connection,
            """
            select pg_describe_object(classid, objid, objsubid)
            from pg_depend
            where
                refclassid = 'pg_class'::regclass and refobjid = any(%(oids)s) and deptype = 'a'
                and not (
                    classid = 'pg_class'::regclass
                    and objid in (select indexrelid from pg_index)
                )
                and not (
                    classid = 'pg_constraint'::regclass
                    and objid in (
                        select oid from pg_constraint
                        where contype = 'n' or conname in (
                            select conname from pg_constraint where conrelid = any(%(new)s)
                        )
                    )
                )
            union
            select 'row level security of table ' || oid::regclass::text
            from pg_class where oid = any(%(oids)s) and relrowsecurity
            order by 1
            """,
            {"oids": oids, "new": list(new.values())},
        )
        if rows:
            raise PublishError(
                f"these would be lost with the old marts: {'; '.join(row[0] for row in rows)}. "
                "Drop them, publish, and make them again."
            )

    # --- views ---

    def drop_views(self, views: list[View]) -> None:
        """Drop views, those first that read others; as their owners, who may do so."""
        for view in reversed(views):
            with self.acting_for(view, "dropped"):
                # what reads a view of a build is a view of a build, and all are on the list
                self.run(f"drop {view.kind} {{}}", view.name)

    def make_views(self, views: list[View]) -> None:
        """Make the views of users again, each after those it reads."""
        for view in views:
            if not view.is_ours:
                with self.acting_for(view, "made again on the new marts"):
                    self.run_all(view.statements)

    @contextmanager
    def acting_for(self, view: View, done: str) -> Iterator[None]:
        """Be the owner of a view: what it calls must not run with our rights."""
        try:
            self.run("set local role {}", Identifier(view.owner))
            yield
            self.run("set local role none")
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            raise
        except psycopg2.Error as error:
            raise PublishError(
                f"the {view.kind} {view.label} of {view.owner} cannot be {done}: {said(error)}. "
                "Nothing was changed. Change or drop the view, then publish again."
            ) from error

    # --- small helpers ---

    def public(self, mart: Mart) -> Identifier:
        """The public name of a mart."""
        return Identifier(self.prefix + mart.schema, mart.table)

    def listed(self, marts: Iterable[Mart]) -> Composable | None:
        """The public names of marts with commas, none where there are no marts."""
        names = [self.public(mart) for mart in marts]
        return SQL(", ").join(names) if names else None

    def regclass(self, schema: str, table: str) -> str:
        """A table's name as to_regclass and ::regclass read it."""
        return f"{quoted(self.prefix + schema)}.{quoted(table)}"

    def run(self, sql: str, *parts: Composable) -> None:
        """Execute a statement."""
        self.run_all([SQL(sql).format(*parts)])

    def run_all(self, statements: list[Composable]) -> None:
        """Execute statements."""
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def ask(self, sql: str, *parts: Composable) -> Any:
        """The first value of a query, none where it has no row."""
        rows = query(self.connection, SQL(sql).format(*parts))
        return rows[0][0] if rows else None

    def who_is_in_the_way(self) -> str:
        """Who holds what the publication waited for."""
        rows = query(self.connection, LOCKS, [self.wanted])
        rows += query(self.connection, OLD_SNAPSHOTS, [self.built_at, self.built])
        self.connection.rollback()
        holders = "; ".join(
            f"process {pid} of {user} ({application or 'no name'}, in a transaction since {since})"
            for pid, user, application, since in sorted(set(rows))
        )
        return (
            f"public marts were in use for {PATIENCE_SECONDS:.0f} s: "
            f"{holders or 'the reader has gone by now'}. "
            "End that transaction (or select pg_terminate_backend(<process>)) and publish again."
        )


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def said(error: psycopg2.Error) -> str:
    """The database's message, on one line."""
    return " ".join((error.diag.message_primary or str(error)).split())

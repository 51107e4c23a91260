"""Put the rows of freshly built marts into the public ones on PostgreSQL, in one transaction.

dbt builds in <prefix>build_analytics and <prefix>build_quality, and its tables stay there. Public
marts stay, too: their rows are deleted and the new ones inserted. Until that commits readers see
the rows of before, and neither waits for the other; views, grants, indexes and what else people
made stay as they are. Few things need a relation without readers for a moment: columns that came,
went or changed their type, marts built no more, and materialized views, which are refreshed. These
come last, with patience. Where something of people's would be lost, nothing is published.
"""

from __future__ import annotations

import json
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, NamedTuple

import psycopg2
from places import CLOCK, MART_SCHEMAS, Mart, PublishError
from psycopg2.errors import LockNotAvailable, QueryCanceled

PATIENCE_SECONDS = 60
Counts = dict[Mart, dict[str, int]]

# Tables in schemas: their names as SQL writes them, and the types of their columns.
RELATIONS = """
    select nspname, relname, format('%%I.%%I', nspname, relname), pg_class.oid, json_object_agg(
        quote_ident(attname), format_type(atttypid, atttypmod)
        || case when attcollation > 0 then ' collate ' || attcollation::regcollation else '' end
        order by attnum
    )
    from pg_class
    inner join pg_namespace on pg_namespace.oid = relnamespace
    inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where nspname = any(%s) and relkind = 'r'
    group by nspname, relname, pg_class.oid
"""

# What hangs on tables or their columns, whose it is, and whether it acts when rows are deleted.
DEPENDANTS = """
    select refobjid, quote_ident(attname), pg_describe_object(refclassid, refobjid, refobjsubid),
        case when ev_class <> refobjid then pg_describe_object('pg_class'::regclass, ev_class, 0)
        else pg_describe_object(classid, objid, objsubid) end
        || coalesce(' of ' || pg_get_userbyid(relowner), ''),
        classid = 'pg_trigger'::regclass or coalesce(ev_class, confrelid) = refobjid
    from pg_depend
    left join pg_rewrite on classid = 'pg_rewrite'::regclass and pg_rewrite.oid = objid
    left join pg_constraint on classid = 'pg_constraint'::regclass and pg_constraint.oid = objid
    left join pg_class on pg_class.oid = coalesce(ev_class, conrelid)
        or classid = 'pg_class'::regclass and pg_class.oid = objid
    left join pg_attribute on attrelid = refobjid and attnum = refobjsubid and attnum > 0
    where refclassid = 'pg_class'::regclass and refobjid = any(%s)
        and deptype in ('n', 'a') and contype is distinct from 'n'
"""

# Filled materialized views on tables, each after those it reads; a change of nothing locks one.
MATERIALIZED_VIEWS = """
    with recursive found as (
        select unnest(%s::oid[]) as oid, 0 as depth
        union
        select ev_class, depth + 1 from found
        inner join pg_depend on refclassid = 'pg_class'::regclass and refobjid = found.oid
        inner join pg_rewrite on classid = 'pg_rewrite'::regclass and pg_rewrite.oid = objid
        where ev_class <> refobjid and depth < 100
    )
    select oid, format('alter materialized view %%s owner to ', oid::regclass) || relowner::regrole,
        format('refresh materialized view %%s', oid::regclass)
    from found inner join pg_class using (oid)
    where relkind = 'm' and relispopulated
    group by oid, relowner
    order by max(depth), oid
"""

# Statements that describe and grant a table as another one.
LIKE_BUILT = """
    select format('comment on %%s is %%L', coalesce(
        'column ' || %(public)s::regclass || '.' || quote_ident(attname),
        'table ' || %(public)s::regclass
    ), description)
    from pg_description
    left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0
    where objoid = %(built)s and classoid = 'pg_class'::regclass
    union all
    select format('grant %%s on %%s to %%s', privilege_type, %(public)s::regclass,
        case grantee when 0 then 'public' else grantee::regrole::text end)
    from pg_class cross join aclexplode(relacl)
    where oid = %(built)s and grantee <> relowner
"""

# Who has relations, or a snapshot from before and may yet look at them: to it a table whose columns
# were changed is empty, and a materialized view newer than the marts.
OTHERS = """
    select pg_stat_clear_snapshot();
    select format('process %%s of %%s (%%s, in a transaction since %%s)', pid, usename,
        coalesce(nullif(application_name, ''), 'no name'), xact_start) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and (
        pid in (select pid from pg_locks where granted and relation = any(%s::oid[]))
        or backend_type = 'client backend' and backend_xmin is not null
        and (state <> 'active' or xact_start < query_start)
    )
"""

NOTE = """
    create table if not exists publication (
        published_at timestamp with time zone, as_of_date date, source_system text, manifest json
    );
    comment on table publication is 'One row: the publication whose marts this database shows.';
    comment on column publication.published_at is 'Null once dbt has written into these schemas.';
    delete from publication;
    insert into publication values (%(published_at)s, %(as_of_date)s, %(source_system)s, %(json)s)
"""


class Relation(NamedTuple):
    """A table of a mart, in the build's schemas or in the public ones."""

    place: str
    oid: int
    columns: dict[str, str]


def publish(connection: Any, manifest: dict[str, Any], marts: list[Mart]) -> dict[str, Any]:
    """Publish the marts and return the manifest, which the database keeps, too."""
    publication = Publication(connection, manifest["schema_prefix"])
    try:
        with connection:
            manifest = publication.run(manifest, marts)
    except psycopg2.Error as error:
        said = f"{error.diag.message_primary or error} {error.diag.message_detail or ''}".strip()
        raise PublishError(f"nothing was changed, PostgreSQL says: {said}") from error
    with suppress(psycopg2.Error):  # room for the next rows: if not now, autovacuum makes it
        connection.autocommit = True
        places = [publication.public[mart].place for mart in marts]
        publication.do(f"vacuum (analyze, skip_locked) {', '.join(places)}")
    return manifest


class Publication:
    """One transaction that publishes."""

    def __init__(self, connection: Any, prefix: str) -> None:
        self.connection = connection
        self.prefix = prefix
        self.built: dict[Mart, Relation] = {}
        self.public: dict[Mart, Relation] = {}

    def run(self, manifest: dict[str, Any], marts: list[Mart]) -> dict[str, Any]:
        """Publish, or raise and change nothing."""
        # names are to come with their schema, and no policy may hide a row from us
        self.do("set local search_path = ''; set local row_security = off")
        self.do(f"set local lock_timeout = '{PATIENCE_SECONDS}s'")
        # no other build begins as long as this row is locked
        last = f'select invocation_id from "{self.prefix}build_raw".last_invocation for update'
        if self.do(last).fetchall() != [(manifest["invocation_id"],)]:
            raise PublishError(f"{self.prefix}build_… was touched since the build: build again")
        gone = self.find(marts)
        self.check_dependants(marts, gone)
        changed = [mart for mart in marts if self.changes(mart)]
        found = self.fill([mart for mart in marts if mart not in changed])
        found |= self.change(marts, changed, gone)
        manifest = manifest | {
            "as_of_date": self.do(CLOCK.format(self.prefix + "build_")).fetchone()[0],
            "postgres_version": self.connection.info.parameter_status("server_version"),
            "marts": {mart.name: found[mart] for mart in marts},
        }
        self.do(f'set local search_path = "{self.prefix}quality"')
        self.do(NOTE, manifest | {"json": json.dumps(manifest)})
        return manifest

    def find(self, marts: list[Mart]) -> list[Mart]:
        """Find marts built and public, and make those that are new; which ones are no more."""
        for schema in MART_SCHEMAS:
            self.do(f'create schema if not exists "{self.prefix}{schema}"')
        self.built, public = self.relations(self.prefix + "build_"), self.relations(self.prefix)
        before = []
        if note := public.get(Mart("quality", "publication")):
            names = self.do(f"select json_object_keys(manifest -> 'marts') from {note.place}")
            before = [Mart(*name.split(".")) for (name,) in names]
        for mart in marts:
            if mart not in self.built:
                raise PublishError(f"{self.prefix}build_{mart.name} is not there: build again")
            if mart not in public:
                place = f'"{self.prefix}{mart.schema}"."{mart.table}"'
                self.do(f"create table {place} as table {self.built[mart].place} with no data")
        self.public = self.relations(self.prefix)
        return [mart for mart in before if mart in self.public and mart not in marts]

    def relations(self, prefix: str) -> dict[Mart, Relation]:
        """The tables in the schemas of marts."""
        found = self.do(RELATIONS, [[prefix + schema for schema in MART_SCHEMAS]])
        return {Mart(s.removeprefix(prefix), table): Relation(*rest) for s, table, *rest in found}

    def changes(self, mart: Mart) -> list[str]:
        """What makes the columns of a public mart those of the one built, new ones at the end."""
        built, public = self.built[mart].columns, self.public[mart].columns
        parts = [f"drop column {name}" for name in public if name not in built]
        for name, kind in built.items():
            if name not in public:
                parts.append(f"add column {name} {kind}")
            elif public[name] != kind:
                parts.append(f"alter column {name} type {kind} using null")
        return parts

    def check_dependants(self, marts: list[Mart], gone: list[Mart]) -> None:
        """Stop where what people made would be lost, or would act when rows are replaced."""
        public = {self.public[mart].oid: mart for mart in [*marts, *gone]}
        found = []
        for oid, column, thing, what, acts in self.do(DEPENDANTS, [list(public)]):
            mart = public[oid]
            kinds = {} if mart in gone else self.built[mart].columns
            lost = column and kinds.get(column) != self.public[mart].columns[column]
            if acts or lost or mart in gone:
                found.append(f"{what} {'acts on the rows of' if acts else 'needs'} {thing}")
        if found:
            raise PublishError(
                f"nothing was changed, because {'; '.join(found)}. "
                "Change or drop what is named, publish, and make it again."
            )

    def fill(self, marts: list[Mart]) -> Counts:
        """Replace the rows of public marts; how many there are now, and how many columns."""
        counts = {}
        for mart in marts:
            built, public = self.built[mart], self.public[mart]
            self.do(f"delete from only {public.place}")
            if changes := self.changes(mart):
                self.do(f"alter table {public.place} {', '.join(changes)}")
            names = ", ".join(built.columns)
            insert = f"insert into {public.place} ({names}) select {names} from {built.place}"
            counts[mart] = {"rows": self.do(insert).rowcount, "columns": len(built.columns)}
            for (statement,) in self.do(LIKE_BUILT, {"built": built.oid, "public": public.oid}):
                self.do(statement)
        return counts

    def change(self, marts: list[Mart], changed: list[Mart], gone: list[Mart]) -> Counts:
        """Do what nobody may look at meanwhile; the counts of changed marts."""
        views = self.do(MATERIALIZED_VIEWS, [[self.public[mart].oid for mart in marts]]).fetchall()
        tables = [self.public[mart] for mart in [*changed, *gone]]
        locks = [f"lock table {table.place} in access exclusive mode" for table in tables]
        locks += [start for _, start, _ in views]
        last = [f"drop table {self.public[mart].place}" for mart in gone]
        last += [end for *_, end in views]
        wanted = [table.oid for table in tables] + [oid for oid, *_ in views]
        give_up_at = monotonic() + PATIENCE_SECONDS
        self.do("savepoint alone")
        while locks:
            if not self.do(OTHERS, [[]]).rowcount and self.lock(locks):
                counts = self.fill(changed)
                for statement in last:
                    self.do(statement)
                if not self.do(OTHERS, [[]]).rowcount:
                    return counts
            self.do("rollback to savepoint alone")
            if monotonic() >= give_up_at:
                who = "; ".join(who for (who,) in self.do(OTHERS, [wanted])) or "a reader now gone"
                raise PublishError(
                    f"public marts were in use for {PATIENCE_SECONDS} s: {who}. End that "
                    "transaction (or select pg_terminate_backend(<process>)) and publish again."
                )
            sleep(0.5)
        return {}

    def lock(self, locks: list[str]) -> bool:
        """Have relations alone, all of them or none, and soon, because readers queue behind us.

        Before deadlock_timeout, a second, we wait no more: no reader is the victim of a deadlock.
        """
        self.do("set local lock_timeout = '250ms'; set local statement_timeout = '750ms'")
        try:
            self.do(f"do $locks$ begin {'; '.join(locks)}; end $locks$")
        except (LockNotAvailable, QueryCanceled):
            return False
        self.do("set local statement_timeout to default")
        return True

    def do(self, sql: str, values: Any = None) -> Any:
        """Execute statements; the cursor, which has the rows of the last one."""
        cursor = self.connection.cursor()
        cursor.execute(sql, values)
        return cursor

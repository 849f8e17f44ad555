/**
 * The catalogue as its keepers see it: any of its tables listed, read, written and removed one row
 * at a time, and what the history (see 0014-catalogue-admin.sql) says of them. Which tables and
 * columns there are is the caller's knowledge, and never comes from outside.
 *
 * KAD1. Everything written in one `asWriter` bears the writer's name in the history.
 * KAD2. A secret is written and never read back here.
 */

import type { CommonQueryMethods } from 'slonik'
import { type DatabasePool, sql, z } from '../database.ts'

export type Tx = CommonQueryMethods

export type Table = {
  readonly name: string
  /** How the outside names a row; also the order of lists. */
  readonly key: readonly string[]
  /** All that a keeper may write, without version and secrets. */
  readonly columns: readonly string[]
}

export type Cell = string | number | boolean | null
export type Row = Readonly<Record<string, unknown>>

/** Of a supplier neither its secrets nor what is only ours. */
const asTold = sql.fragment`to_jsonb(entry) - array['credentials', 'account_since']`
const rowShape = z.object({ row: z.record(z.string(), z.unknown()) })
const nothing = z.object({})

/** One write: all or nothing, in the name of `who`. */
export async function asWriter<T>(
  pool: DatabasePool,
  who: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return await pool.transaction(async tx => {
    await signAs(tx, who)
    return await work(tx)
  })
}

/** From here to its end the transaction writes in the name of `who`. */
export async function signAs(tx: Tx, who: string): Promise<void> {
  await tx.query(sql.type(nothing)`select set_config('laju.who', ${who}, true)`)
}

const named = (name: string) => sql.identifier([name])
const equals = (where: Readonly<Record<string, Cell>>) =>
  Object.entries(where).map(
    ([column, value]) => sql.fragment`${sql.identifier(['entry', column])} = ${value}`,
  )
const all = (conditions: readonly ReturnType<typeof sql.fragment>[]) =>
  conditions.length === 0 ? sql.fragment`true` : sql.join([...conditions], sql.fragment` and `)

export async function listRows(
  db: Tx,
  table: Table,
  asked: {
    readonly where: Readonly<Record<string, Cell>>
    /** Part of any of these columns, whatever the case. */
    readonly like: { readonly columns: readonly string[]; readonly text: string } | null
    readonly after: readonly Cell[] | null
    readonly limit: number
  },
): Promise<readonly Row[]> {
  const { where, like, after, limit } = asked
  const keys = table.key.map(column => sql.fragment`${sql.identifier(['entry', column])}`)
  const conditions = equals(where)
  if (like !== null) {
    const part = `%${like.text.replace(/[\\%_]/g, '\\$&')}%`
    const any = like.columns.map(
      column => sql.fragment`${sql.identifier(['entry', column])} ilike ${part}`,
    )
    conditions.push(sql.fragment`(${sql.join(any, sql.fragment` or `)})`)
  }
  if (after !== null) {
    const place = sql.join(
      after.map(value => sql.fragment`${value}`),
      sql.fragment`, `,
    )
    conditions.push(sql.fragment`(${sql.join(keys, sql.fragment`, `)}) > (${place})`)
  }
  const rows = await db.any(sql.type(rowShape)`
    select ${asTold} as row from ${named(table.name)} as entry
     where ${all(conditions)}
     order by ${sql.join(keys, sql.fragment`, `)} limit ${limit}`)
  return rows.map(({ row }) => row)
}

/** Locked until the write ends, so that its version stays what was seen. */
export async function lockRow(
  tx: Tx,
  table: Table,
  where: Readonly<Record<string, Cell>>,
): Promise<Row | null> {
  const found = await tx.maybeOne(sql.type(rowShape)`
    select ${asTold} as row from ${named(table.name)} as entry
     where ${all(equals(where))} for update`)
  return found?.row ?? null
}

/** How a row is named within its table, for `lockRows`. */
export const nameOf = (natural: readonly string[], row: Row): string =>
  JSON.stringify(natural.map(column => String(row[column])))

/** The same for many, by their natural names. */
export async function lockRows(
  tx: Tx,
  table: Table,
  natural: readonly string[],
  names: readonly Readonly<Record<string, Cell>>[],
): Promise<Map<string, Row>> {
  if (names.length === 0) return new Map()
  const same = natural.map(
    column =>
      sql.fragment`${sql.identifier(['entry', column])} = ${sql.identifier(['told', column])}`,
  )
  const rows = await tx.any(sql.type(rowShape)`
    select ${asTold} as row from ${named(table.name)} as entry
      join json_populate_recordset(null::${named(table.name)}, ${JSON.stringify(names)}::json)
        as told on ${all(same)}
       for update of entry`)
  return new Map(rows.map(({ row }) => [nameOf(natural, row), row]))
}

export async function insertRow(
  tx: Tx,
  table: Table,
  row: Row,
  secret: string | null,
): Promise<Row | null> {
  const columns = sql.join(columnsOf(table, secret).map(named), sql.fragment`, `)
  const made = await tx.maybeOne(sql.type(rowShape)`
    insert into ${named(table.name)} as entry (${columns})
    select ${columns}
      from json_populate_record(null::${named(table.name)}, ${textOf(row, secret)}::json)
    on conflict do nothing returning ${asTold} as row`)
  return made?.row ?? null
}

export async function updateRow(
  tx: Tx,
  table: Table,
  row: Row,
  secret: string | null,
  where: Readonly<Record<string, Cell>>,
): Promise<Row | null> {
  const columns = sql.join(columnsOf(table, secret).map(named), sql.fragment`, `)
  const made = await tx.maybeOne(sql.type(rowShape)`
    update ${named(table.name)} as entry
       set (${columns}) = (
         select ${columns}
           from json_populate_record(null::${named(table.name)}, ${textOf(row, secret)}::json))
     where ${all(equals(where))} returning ${asTold} as row`)
  return made?.row ?? null
}

export async function deleteRow(
  tx: Tx,
  table: Table,
  where: Readonly<Record<string, Cell>>,
): Promise<void> {
  await tx.query(sql.type(nothing)`
    delete from ${named(table.name)} as entry where ${all(equals(where))}`)
}

const columnsOf = ({ columns }: Table, secret: string | null): string[] =>
  secret === null ? [...columns] : [...columns, 'credentials']

const textOf = (row: Row, secret: string | null): string =>
  JSON.stringify(secret === null ? row : { ...row, credentials: secret })

const found = z.object({ found: z.boolean() })

/** Whether a row is named so, whatever the case. */
export async function isNamed(
  db: Tx,
  table: string,
  column: string,
  value: string,
): Promise<boolean> {
  return (
    await db.one(sql.type(found)`
      select exists (
        select 1 from ${named(table)} where upper(${named(column)}::text) = upper(${value})
      ) as found`)
  ).found
}

const historyShape = z.object({
  id: z.number().int(),
  at: z.number(),
  who: z.string(),
  entity: z.string(),
  key: z.string(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
})
type HistoryEntry = z.infer<typeof historyShape>

/** Newest first. */
export async function readHistory(
  db: Tx,
  asked: {
    readonly entity: string | null
    readonly key: string | null
    readonly before: number | null
    readonly limit: number
  },
): Promise<readonly HistoryEntry[]> {
  const { entity, key, before, limit } = asked
  return await db.any(sql.type(historyShape)`
    select id, floor(extract(epoch from at) * 1000)::float8 as at, who, entity, key, before, after
      from catalogue_history
     where (${entity}::text is null or entity = ${entity})
       and (${key}::text is null or key = ${key})
       and (${before}::bigint is null or id < ${before})
     order by id desc limit ${limit}`)
}

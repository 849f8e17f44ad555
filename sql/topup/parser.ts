/**
 * Rules and templates of suppliers as rows: versions that never change, what is in use, what a
 * bench found, and what nobody could read. Rules are kept as they were given; whoever writes them
 * has checked them.
 */

import { type DatabasePool, sql, z } from '../database.ts'

const nothing = z.object({})
const rows = z.array(z.record(z.string(), z.unknown()))

const settingRow = z.object({
  supplier: z.string(),
  rules: z.string().nullable(),
  template: z.string().nullable(),
})
export type SupplierSettings = z.infer<typeof settingRow>

/** Of every supplier that has any: the rules and the template in use, as JSON text. */
export async function readSettings(pool: DatabasePool): Promise<readonly SupplierSettings[]> {
  return await pool.any(sql.type(settingRow)`
    select supplier.code as supplier, used.rules::text as rules, made.template::text as template
      from supplier
      left join lateral (
        select rules from parser_activation join parser_rule_set using (supplier, version)
         where parser_activation.supplier = supplier.code
         order by id desc limit 1) as used on true
      left join lateral (
        select template from supplier_template
         where supplier_template.supplier = supplier.code
         order by version desc limit 1) as made on true
     where used.rules is not null or made.template is not null
     order by supplier.code`)
}

const setRow = z.object({
  supplier: z.string(),
  version: z.number().int(),
  rules: rows,
  digest: z.string(),
  note: z.string(),
  madeBy: z.string(),
  madeAt: z.number(),
})
type RuleSetRow = z.infer<typeof setRow>

const setColumns = sql.fragment`supplier, version, rules, digest, note, made_by as "madeBy",
  (extract(epoch from made_at) * 1000)::float8 as "madeAt"`

/** The latest versions first; one of them when `version` names it. */
export async function readRuleSets(
  pool: DatabasePool,
  { supplier, version, limit }: { supplier: string; version?: number; limit: number },
): Promise<readonly RuleSetRow[]> {
  const one = version === undefined ? sql.fragment`` : sql.fragment`and version = ${version}`
  return await pool.any(sql.type(setRow)`
    select ${setColumns} from parser_rule_set where supplier = ${supplier} ${one}
     order by version desc limit ${limit}`)
}

/** The version in use; null while the adapter's own rules are. */
export async function readActive(pool: DatabasePool, supplier: string): Promise<RuleSetRow | null> {
  return await pool.maybeOne(sql.type(setRow)`
    select ${setColumns} from parser_rule_set
     where (supplier, version) = (
       select supplier, version from parser_activation where supplier = ${supplier}
        order by id desc limit 1)`)
}

const versionRow = z.object({ version: z.number().int() })

/** The new version; null when there is no such supplier. */
export async function addRuleSet(
  pool: DatabasePool,
  set: { supplier: string; rules: string; digest: string; note: string; by: string },
): Promise<number | null> {
  return await pool.transaction(async write => {
    const known = await write.maybeOne(sql.type(nothing)`
      select from supplier where code = ${set.supplier} for update`)
    if (known === null) return null
    const { version } = await write.one(sql.type(versionRow)`
      insert into parser_rule_set (supplier, version, rules, digest, note, made_by)
      select ${set.supplier}, coalesce(max(version), 0) + 1, ${set.rules}::jsonb, ${set.digest},
             ${set.note}, ${set.by}
        from parser_rule_set where supplier = ${set.supplier}
      returning version`)
    return version
  })
}

export async function addTemplate(
  pool: DatabasePool,
  made: { supplier: string; adapter: string; template: string; by: string },
): Promise<number | null> {
  return await pool.transaction(async write => {
    const known = await write.maybeOne(sql.type(nothing)`
      select from supplier where code = ${made.supplier} and adapter = ${made.adapter} for update`)
    if (known === null) return null
    const { version } = await write.one(sql.type(versionRow)`
      insert into supplier_template (supplier, version, template, made_by)
      select ${made.supplier}, coalesce(max(version), 0) + 1, ${made.template}::jsonb, ${made.by}
        from supplier_template where supplier = ${made.supplier}
      returning version`)
    return version
  })
}

const benchRow = z.object({
  id: z.number().int(),
  supplier: z.string(),
  digest: z.string(),
  against: z.string(),
  replies: z.number().int(),
  changed: z.number().int(),
  toSuccess: z.number().int(),
  changes: rows,
  complete: z.boolean(),
  ms: z.number().int(),
  byWhom: z.string(),
  at: z.number(),
})
type BenchRow = z.infer<typeof benchRow>

const benchColumns = sql.fragment`id, supplier, digest, against, replies, changed,
  to_success as "toSuccess", changes, complete, ms, by_whom as "byWhom",
  (extract(epoch from at) * 1000)::float8 as at`

export async function addBench(
  pool: DatabasePool,
  bench: Omit<BenchRow, 'id' | 'at' | 'changes'> & { readonly changes: string },
): Promise<BenchRow> {
  return await pool.one(sql.type(benchRow)`
    insert into parser_bench (supplier, digest, against, replies, changed, to_success, changes,
                              complete, ms, by_whom)
    values (${bench.supplier}, ${bench.digest}, ${bench.against}, ${bench.replies},
            ${bench.changed}, ${bench.toSuccess}, ${bench.changes}::jsonb, ${bench.complete},
            ${bench.ms}, ${bench.byWhom})
    returning ${benchColumns}`)
}

export async function readBench(pool: DatabasePool, id: number): Promise<BenchRow | null> {
  return await pool.maybeOne(sql.type(benchRow)`
    select ${benchColumns} from parser_bench where id = ${id}`)
}

export async function activate(
  pool: DatabasePool,
  chosen: { supplier: string; version: number; bench: number; by: string },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    insert into parser_activation (supplier, version, bench, by_whom)
    values (${chosen.supplier}, ${chosen.version}, ${chosen.bench}, ${chosen.by})`)
}

const activationRow = z.object({
  version: z.number().int(),
  bench: z.number().int(),
  by: z.string(),
  at: z.number(),
})

export async function readActivations(
  pool: DatabasePool,
  { supplier, limit }: { supplier: string; limit: number },
): Promise<readonly z.infer<typeof activationRow>[]> {
  return await pool.any(sql.type(activationRow)`
    select version, bench, by_whom as by, (extract(epoch from at) * 1000)::float8 as at
      from parser_activation where supplier = ${supplier} order by id desc limit ${limit}`)
}

export type Unread = {
  readonly supplier: string
  readonly channel: string
  readonly shape: string
  readonly sample: string
  readonly count: number
  readonly at: number
}

/** Counts what is known and adds what is new, up to `shapesMax` shapes in all. */
export async function noteUnread(
  pool: DatabasePool,
  { unread, shapesMax }: { unread: readonly Unread[]; shapesMax: number },
): Promise<void> {
  const given = unread.map(one => [
    one.supplier,
    one.channel,
    one.shape,
    one.sample,
    one.count,
    one.at / 1000,
  ])
  await pool.query(sql.type(nothing)`
    insert into parser_inbox (supplier, channel, shape, sample, count, first_at, last_at)
    select supplier, channel, shape, sample, count, to_timestamp(at_s), to_timestamp(at_s)
      from ${sql.unnest(given, ['text', 'text', 'text', 'text', 'int8', 'float8'])}
        as entry (supplier, channel, shape, sample, count, at_s)
     where (select count(*) from parser_inbox) < ${shapesMax}
        or exists (select from parser_inbox as known
                    where (known.supplier, known.channel, known.shape)
                        = (entry.supplier, entry.channel, entry.shape))
    on conflict (supplier, channel, shape) do update
       set count = parser_inbox.count + excluded.count, sample = excluded.sample,
           last_at = excluded.last_at`)
}

const unreadRow = z.object({
  supplier: z.string(),
  channel: z.string(),
  shape: z.string(),
  sample: z.string(),
  count: z.number().int(),
  firstAt: z.number(),
  lastAt: z.number(),
})
type UnreadRow = z.infer<typeof unreadRow>

/** The most frequent first. */
export async function readUnread(
  pool: DatabasePool,
  { supplier, limit }: { supplier?: string; limit: number },
): Promise<readonly UnreadRow[]> {
  const one = supplier === undefined ? sql.fragment`` : sql.fragment`where supplier = ${supplier}`
  return await pool.any(sql.type(unreadRow)`
    select supplier, channel, shape, sample, count,
           (extract(epoch from first_at) * 1000)::float8 as "firstAt",
           (extract(epoch from last_at) * 1000)::float8 as "lastAt"
      from parser_inbox ${one} order by count desc, supplier, shape limit ${limit}`)
}

/** What the rules in use read by now has left the inbox. */
export async function forgetUnread(
  pool: DatabasePool,
  rowsRead: readonly Pick<UnreadRow, 'supplier' | 'channel' | 'shape'>[],
): Promise<void> {
  const given = rowsRead.map(({ supplier, channel, shape }) => [supplier, channel, shape])
  await pool.query(sql.type(nothing)`
    delete from parser_inbox
     using ${sql.unnest(given, ['text', 'text', 'text'])} as read (supplier, channel, shape)
     where parser_inbox.supplier = read.supplier and parser_inbox.channel = read.channel
       and parser_inbox.shape = read.shape`)
}

const parkedRow = z.object({
  supplier: z.string(),
  body: z.instanceof(Uint8Array).transform(bytes => Buffer.from(bytes)),
  at: z.number(),
})

/** The latest reports that no rule could read and that named no order. */
export async function readParked(
  pool: DatabasePool,
  { supplier, limit }: { supplier?: string; limit: number },
): Promise<readonly z.infer<typeof parkedRow>[]> {
  const one = supplier === undefined ? sql.fragment`` : sql.fragment`and party = ${supplier}`
  return await pool.any(sql.type(parkedRow)`
    select party as supplier, body, (extract(epoch from received_at) * 1000)::float8 as at
      from callback_inbox where verdict = 'garbled: no_rule' ${one}
     order by id desc limit ${limit}`)
}

const adapterRow = z.object({ adapter: z.string() })

/** Which kind of supplier it is; null when there is none of this code. */
export async function adapterOf(pool: DatabasePool, supplier: string): Promise<string | null> {
  return await pool.maybeOneFirst(sql.type(adapterRow)`
    select adapter from supplier where code = ${supplier}`)
}

/** Routing rules as rows that are only ever added, and what the rebuilding of gauges reads. */

import { type DatabasePool, sql, z } from '../database.ts'

const ruleRow = z.object({
  version: z.number().int(),
  scope: z.string(),
  target: z.string(),
  rule: z.unknown(),
})
type RuleRecord = {
  readonly version: number
  readonly scope: string
  readonly target: string
  /** Null: taken back. */
  readonly rule: unknown
}

const historyRow = ruleRow.extend({
  changedBy: z.string(),
  reason: z.string(),
  changedAt: z.number().int(),
})
type RuleHistory = RuleRecord & {
  readonly changedBy: string
  readonly reason: string
  readonly changedAt: number
}

/** The tables whose change makes the routing table stale. */
export const routingTables: ReadonlySet<string> = new Set(['routing_rule', 'product'])

/** The newest row of each place up to a version, taken-back ones included. */
export async function readRules(
  pool: DatabasePool,
  version: number = Number.MAX_SAFE_INTEGER,
): Promise<readonly RuleRecord[]> {
  return (await pool.any(sql.type(ruleRow)`
    select distinct on (scope, target) version, scope, target, rule
      from routing_rule where version <= ${version} order by scope, target, version desc`)) as never
}

export async function ruleHistory(
  pool: DatabasePool,
  { before, limit }: { before: number; limit: number },
): Promise<readonly RuleHistory[]> {
  return (await pool.any(sql.type(historyRow)`
    select version, scope, target, rule, changed_by as "changedBy", reason,
           (extract(epoch from changed_at) * 1000)::bigint as "changedAt"
      from routing_rule where version < ${before} order by version desc limit ${limit}`)) as never
}

const versionRow = z.object({ version: z.number().int() })

export async function addRule(
  pool: DatabasePool,
  rule: Omit<RuleRecord, 'version'> & { readonly changedBy: string; readonly reason: string },
): Promise<number> {
  const { scope, target, changedBy, reason } = rule
  const words = rule.rule === null ? null : JSON.stringify(rule.rule)
  const { version } = await pool.one(sql.type(versionRow)`
    insert into routing_rule (scope, target, rule, changed_by, reason)
    values (${scope}, ${target}, ${words}::jsonb, ${changedBy}, ${reason})
    returning version`)
  return version
}

const productRow = z.object({ code: z.string(), brand: z.string(), category: z.string() })

export async function readPlaces(
  pool: DatabasePool,
): Promise<readonly z.infer<typeof productRow>[]> {
  return await pool.any(sql.type(productRow)`select code, brand, category from product`)
}

const lineRow = z.object({
  shard: z.number().int(),
  seq: z.number().int(),
  actor: z.string(),
  body: z.string(),
})

/** Lines of many actors, each in its order; actors as decimals. */
export async function readActors(
  pool: DatabasePool,
  actors: readonly (readonly [shard: number, actor: string])[],
): Promise<readonly z.infer<typeof lineRow>[]> {
  return await pool.any(sql.type(lineRow)`
    select shard, seq, journal.actor::text as actor, body
      from journal join ${sql.unnest(actors as never, ['int2', 'int8'])} as wanted (shard, actor)
        using (shard, actor)
     order by shard, seq`)
}

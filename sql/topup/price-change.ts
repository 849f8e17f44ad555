/** Price changes that wait for their time, as rows. */

import { moment, sql, z } from '../database.ts'
import type { Tx } from './catalogue-admin.ts'

const changeShape = z.object({
  id: z.number().int(),
  startsAt: z.number(),
  note: z.string(),
  state: z.enum(['scheduled', 'applied', 'cancelled']),
  changes: z.array(z.record(z.string(), z.unknown())),
  preview: z.record(z.string(), z.unknown()),
  createdBy: z.string(),
  createdAt: z.number(),
  closedBy: z.string().nullable(),
  closedAt: z.number().nullable(),
})
type PriceChangeRow = z.infer<typeof changeShape>

const shown = sql.fragment`
  id, floor(extract(epoch from starts_at) * 1000)::float8 as "startsAt", note, state, changes,
  preview, created_by as "createdBy",
  floor(extract(epoch from created_at) * 1000)::float8 as "createdAt", closed_by as "closedBy",
  floor(extract(epoch from closed_at) * 1000)::float8 as "closedAt"`

export async function insertChange(
  db: Tx,
  change: {
    readonly startsAt: number
    readonly note: string
    readonly by: string
    readonly changes: unknown
    readonly preview: unknown
  },
): Promise<PriceChangeRow> {
  const { startsAt, note, by, changes, preview } = change
  return await db.one(sql.type(changeShape)`
    insert into price_change (starts_at, note, created_by, changes, preview)
    values (${moment(startsAt)}, ${note}, ${by}, ${JSON.stringify(changes)}::jsonb,
            ${JSON.stringify(preview)}::jsonb)
    returning ${shown}`)
}

/** Newest first. */
export async function readChanges(
  db: Tx,
  asked: {
    readonly state: PriceChangeRow['state'] | null
    readonly before: number | null
    readonly limit: number
  },
): Promise<readonly PriceChangeRow[]> {
  const { state, before, limit } = asked
  return await db.any(sql.type(changeShape)`
    select ${shown} from price_change
     where (${state}::text is null or state = ${state})
       and (${before}::bigint is null or id < ${before})
     order by id desc limit ${limit}`)
}

const dueShape = z.object({
  id: z.number().int(),
  changes: z.array(z.record(z.string(), z.unknown())),
})
export type DueChange = z.infer<typeof dueShape>

/** The oldest that is due and that nobody else is carrying out. */
export async function lockDueChange(tx: Tx, now: number): Promise<DueChange | null> {
  return await tx.maybeOne(sql.type(dueShape)`
    select id, changes from price_change
     where state = 'scheduled' and starts_at <= ${moment(now)}
     order by starts_at, id limit 1 for update skip locked`)
}

/** False when it was not waiting any more. */
export async function closeChange(
  db: Tx,
  { id, state, by }: { id: number; state: 'applied' | 'cancelled'; by: string },
): Promise<boolean> {
  const closed = await db.any(sql.type(z.object({ id: z.number().int() }))`
    update price_change set state = ${state}, closed_by = ${by}, closed_at = now()
     where id = ${id} and state = 'scheduled' returning id`)
  return closed.length > 0
}

const levelShape = z.object({ id: z.string(), level: z.number().int() })

export async function levelsOf(
  db: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.any(sql.type(levelShape)`
    select id::text, level from client where id::text = any(${sql.array([...ids], 'text')})`)
  return new Map(rows.map(({ id, level }) => [id, level]))
}

/** How many clients have one of these levels or ids; a level that is none counts as level 0. */
export async function countClients(
  db: Tx,
  { levels, ids }: { levels: readonly number[]; ids: readonly string[] },
): Promise<number> {
  const { count } = await db.one(sql.type(z.object({ count: z.number().int() }))`
    select count(*) from client
     where role = 'reseller'
       and (case when level between 0 and 9 then level else 0 end
              = any(${sql.array([...levels], 'int4')})
            or id::text = any(${sql.array([...ids], 'text')}))`)
  return count
}

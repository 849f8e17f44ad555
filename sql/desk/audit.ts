/** The audit log: rows are chained by hashes, and only added (migration 0036). */

import { jsonOf } from '../copy.ts'
import { type DatabasePool, moment, sql, z } from '../database.ts'

const id = z.union([z.number(), z.bigint(), z.string()]).transform(Number)

export type NewAudit = {
  readonly actor: string | null
  readonly actorName: string
  readonly role: string
  readonly action: string
  readonly subject: string
  readonly outcome: string
  readonly details: Readonly<Record<string, unknown>>
  readonly address: string
  readonly requestId: string
}

/** Durable when it returns: all of them, or none; their numbers, in the order of the entries. */
export async function addAudits(
  pool: DatabasePool,
  entries: readonly NewAudit[],
): Promise<readonly number[]> {
  const rows = await pool.any(sql.type(z.object({ id }))`
    -- prepared: add-audits
    select audit_append(row(0, now(), actor, "actorName", role, action, subject, outcome, details,
             address, "requestId", ''::bytea)::audit_log) as id
      from json_to_recordset(${jsonOf(entries)}::json) as told (
        actor uuid, "actorName" text, role text, action text, subject text, outcome text,
        details jsonb, address text, "requestId" text)`)
  return rows.map(row => row.id)
}

const auditRow = z.object({
  id,
  atMs: z.number(),
  actor: z.string().nullable(),
  actorName: z.string(),
  role: z.string(),
  action: z.string(),
  subject: z.string(),
  outcome: z.string(),
  details: z.record(z.string(), z.unknown()),
  address: z.string(),
  requestId: z.string(),
})
type AuditRow = z.infer<typeof auditRow>

type AuditFilter = {
  readonly actor: string | null
  readonly action: string | null
  readonly subject: string | null
  readonly fromMs: number | null
  readonly toMs: number | null
  /** A row's number: only those before it. */
  readonly before: number | null
  readonly limit: number
}

/** Newest first. An action ending in `.` means all that begin so. */
export async function readAudit(
  pool: DatabasePool,
  filter: AuditFilter,
): Promise<readonly AuditRow[]> {
  const { actor, action, subject, fromMs, toMs, before, limit } = filter
  return await pool.any(sql.type(auditRow)`
    select id, (extract(epoch from at) * 1000)::double precision as "atMs", actor,
           actor_name as "actorName", role, action, subject, outcome, details, address,
           request_id as "requestId"
      from audit_log
     where (${before}::bigint is null or id < ${before}::bigint)
       and (${actor}::uuid is null or actor = ${actor}::uuid)
       and (${subject}::text is null or subject = ${subject}::text)
       and (${action}::text is null or action = ${action}::text
            or (right(${action}::text, 1) = '.' and starts_with(action, ${action}::text)))
       and (${fromMs}::float8 is null or at >= ${moment(fromMs)})
       and (${toMs}::float8 is null or at < ${moment(toMs)})
     order by id desc limit ${limit}`)
}

const chain = z.object({ rows: id, broken: id.nullable() })

/** How many rows, and the first whose hash, or whose place, is not what it must be. */
export async function verifyAudit(pool: DatabasePool): Promise<z.infer<typeof chain>> {
  return await pool.one(sql.type(chain)`
    select count(*) as rows, min(id) filter (where hash <> expected or id <> place) as broken
      from (select entry.id, entry.hash, row_number() over (order by entry.id) as place,
                   audit_hash(coalesce(lag(entry.hash) over (order by entry.id), ''::bytea),
                              entry) as expected
              from audit_log as entry) as line`)
}

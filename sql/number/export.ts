/** Everything that is kept about one user, for a request that is lawful. Newest first, bounded. */

import { type DatabasePool, sql, z } from '../database.ts'

const rowShape = z.object({ row: z.record(z.string(), z.unknown()) })
export type ExportRow = z.infer<typeof rowShape>['row']

const parts = {
  /** Plan: session_client. */
  sessions: (userId: string) => sql.fragment`
    select address, agent, created_at, used_at as last_used_at, revoked_at, revoked_why
      from session where client_id = ${userId}::uuid order by created_at desc`,
  /** Plan: client_change_client. */
  changes: (userId: string) => sql.fragment`
    select what, reason, fields, by, changed_at from client_change
     where client_id = ${userId}::uuid order by id desc`,
  /** Plan: activity_client. */
  activity: (userId: string) => sql.fragment`
    select what, address, details, at as happened_at from activity
     where client_id = ${userId}::uuid order by id desc`,
  /** Plan: deposit_intent_user. */
  deposits: (userId: string) => sql.fragment`
    select id as intent_id, their_id as deposit_id, method, gateway, status, amount, fee, received,
           via, created_at, paid_at
      from deposit_intent where user_id = ${userId}::uuid order by id desc`,
  /** Plan: number_view_user. */
  orders: (userId: string) => sql.fragment`
    select id as order_id, ref, status, money_effect, service_name, country_name, operator_name,
           supplier, their_id, number, price, why, codes, late, resends, messages, placed_at,
           bought_at, updated_at
      from number_view where user_id = ${userId}::uuid order by id desc`,
} as const
export type ExportPart = keyof typeof parts

export async function exportRows(
  pool: DatabasePool,
  { part, userId, limit }: { part: ExportPart; userId: string; limit: number },
): Promise<readonly ExportRow[]> {
  const rows = await pool.any(sql.type(rowShape)`
    select to_jsonb(told) as row from (${parts[part](userId)} limit ${limit}) as told`)
  return rows.map(({ row }) => row)
}

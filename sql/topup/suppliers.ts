/** What suppliers told us, as rows: stored many at a time, and marked once they were understood. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

export type CallbackEntry = {
  readonly supplier: string
  readonly receivedAt: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What became of one that is kept. */
export type JudgedCallback = { readonly id: number; readonly verdict: string }

const idRow = z.object({ id: z.number().int() })

/** One insert for all; the ids come back in the order of the entries. */
export async function insertCallbacks(
  pool: DatabasePool,
  entries: readonly CallbackEntry[],
): Promise<readonly number[]> {
  const rows = entries.map(entry => [
    entry.supplier,
    entry.receivedAt / 1000,
    JSON.stringify(entry.headers),
    entry.body,
  ])
  const ids = await pool.any(sql.type(idRow)`
    insert into callback_inbox (party, received_at, headers, body)
    select party, to_timestamp(received_s), headers, body
      from ${sql.unnest(rows, ['text', 'float8', 'jsonb', 'bytea'])}
        with ordinality as entry (party, received_s, headers, body, place)
     order by place
    returning id`)
  return ids.map(({ id }) => id).sort((a, b) => a - b)
}

export async function judgeCallbacks(
  pool: DatabasePool,
  judgements: readonly JudgedCallback[],
): Promise<void> {
  const rows = judgements.map(({ id, verdict }) => [id, verdict])
  await pool.query(sql.type(z.object({}))`
    update callback_inbox set verdict = judged.verdict
      from ${sql.unnest(rows, ['int8', 'text'])} as judged (id, verdict)
     where callback_inbox.id = judged.id`)
}

const unreadRow = z.object({
  id: z.number().int(),
  supplier: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.instanceof(Uint8Array).transform(bytes => Buffer.from(bytes)),
})
export type UnreadCallback = Omit<CallbackEntry, 'receivedAt'> & { readonly id: number }

/** The oldest that nobody has understood, received before the given moment. */
export async function unreadCallbacks(
  pool: DatabasePool,
  { before, after, limit }: { before: number; after: number; limit: number },
): Promise<readonly UnreadCallback[]> {
  return await pool.any(sql.type(unreadRow)`
    select id, party as supplier, headers, body from callback_inbox
     where verdict is null and id > ${after} and received_at < ${moment(before)}
     order by id limit ${limit}`)
}

/**
 * What a closing reads of the journal, summed where the journal lies, and what it leaves.
 * Plan: range scans of journal_pkey, a bounded number of lines at a time.
 */

import { type DatabasePool, sql, z } from '../database.ts'

const stretchRow = z.object({ last: z.number().nullable(), cut: z.number().nullable() })

/** Of the next lines: the last one, and the first that is not before `untilMs`. */
export async function readStretch(
  pool: DatabasePool,
  asked: { shard: number; after: number; limit: number; untilMs: number },
): Promise<z.infer<typeof stretchRow>> {
  const { shard, after, limit, untilMs } = asked
  return await pool.one(sql.type(stretchRow)`
    select max(seq) as last, min(seq) filter (where at >= ${untilMs}::bigint) as cut
      from (select seq, (readable_line(body)::jsonb ->> 'at')::bigint as at from journal
             where shard = ${shard} and seq > ${after} order by seq limit ${limit}) as line`)
}

const movedRow = z.object({
  account: z.string(),
  came: z.number(),
  went: z.number(),
  held: z.number(),
})
export type Moved = z.infer<typeof movedRow>

/** What lines `after` to `last` moved, per class: all wallets are one, all receivables are. */
export async function readMoved(
  pool: DatabasePool,
  { shard, after, last }: { shard: number; after: number; last: number },
): Promise<readonly Moved[]> {
  return await pool.any(sql.type(movedRow)`
    with entry as (
      select entry ->> 0 as op, entry ->> 2 as debit, entry ->> 3 as credit,
             (entry ->> 4)::bigint as amount, (entry ->> 7)::bigint as extra
        from journal, jsonb_array_elements(readable_line(body)::jsonb -> 'p') as entry
       where shard = ${shard} and seq > ${after} and seq <= ${last}
    ), side as (
      select debit as account, 0::bigint as came,
             case when op in ('move', 'post') then amount else 0 end as went,
             case op when 'hold' then amount when 'post' then -coalesce(extra, amount)
                     when 'move' then 0 else -amount end as held
        from entry
      union all
      select credit, case when op in ('move', 'post') then amount else 0 end, 0, 0 from entry
    )
    select case when account like 'wallet:%' then 'wallet'
                when account like 'receivable:%' then 'receivable'
                when account like 'clawback:%' then 'clawback'
                when account like 'payable:%' then 'payable'
                when account like 'batch:%' then 'batch' else account end as account,
           sum(came)::bigint as came, sum(went)::bigint as went, sum(held)::bigint as held
      from side group by 1 order by 1`)
}

const bornRow = z.object({ at: z.number().nullable() })

/** When the first line of all was written; null while there is none. */
export async function firstLineAt(pool: DatabasePool): Promise<number | null> {
  const { at } = await pool.one(sql.type(bornRow)`
    select min((readable_line(first.body)::jsonb ->> 'at')::bigint) as at
      from lease cross join lateral
           (select body from journal where journal.shard = lease.shard
             order by seq limit 1) as first`)
  return at
}

const closingRow = z.object({
  day: z.string(),
  statement: z.string(),
  hash: z.string(),
  signature: z.string(),
  signer: z.string(),
})
export type ClosingRow = z.infer<typeof closingRow>

const columns = sql.fragment`day::text as day, statement, hash, signature, signer`

export async function lastClosing(pool: DatabasePool): Promise<ClosingRow | null> {
  return await pool.maybeOne(sql.type(closingRow)`
    select ${columns} from closing order by closing.day desc limit 1`)
}

export async function readClosing(pool: DatabasePool, day: string): Promise<ClosingRow | null> {
  return await pool.maybeOne(sql.type(closingRow)`
    select ${columns} from closing where closing.day = ${day}`)
}

/** Newest first. */
export async function readClosings(
  pool: DatabasePool,
  { before, limit }: { before: string | null; limit: number },
): Promise<readonly ClosingRow[]> {
  return await pool.any(sql.type(closingRow)`
    select ${columns} from closing
     where ${before}::date is null or closing.day < ${before}::date
     order by closing.day desc limit ${limit}`)
}

/** A day that is closed stays as it is. */
export async function addClosing(pool: DatabasePool, row: ClosingRow): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    insert into closing (day, statement, hash, signature, signer, closed_at)
    values (${row.day}, ${row.statement}, ${row.hash}, ${row.signature}, ${row.signer}, now())
    on conflict (day) do nothing`)
}

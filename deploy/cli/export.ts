/**
 * `laju export`: records for other programs, streamed as they are read, of any size. Orders and
 * mutations are CSV with a first line of names; the journal is one JSON object per line.
 *
 * EXA1. What a spreadsheet would take for a formula is text: it gets an apostrophe in front.
 * EXA2. Times are RFC 3339 in UTC; of `from` and `to`, the first is in and the last is not.
 */

import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { to as copyTo } from 'pg-copy-streams'
import { connectClient } from '../../sql/database.ts'

export const exported = ['journal', 'orders', 'mutations'] as const
export type Exported = (typeof exported)[number]

export type Wish = {
  readonly what: Exported
  readonly from: Date | null
  readonly to: Date | null
  /** Of one client only; the journal knows no clients. */
  readonly userId: string | null
}

/** Returns how many records there were. */
export async function exportTo(out: Writable, url: string, wish: Wish): Promise<number> {
  const client = await connectClient(url, { name: 'laju export', statementTimeoutMs: 0 })
  try {
    await client.query("set time zone 'UTC'")
    const source = client.query(copyTo(statementFor(wish)))
    await pipeline(source, out, { end: false })
    return source.rowCount
  } finally {
    await client.end()
  }
}

function statementFor({ what, from, to, userId }: Wish): string {
  const within = (column: string, least: string): string => {
    const parts = [
      ...(from === null ? [] : [`${column} >= ${literal(from.toISOString())}`]),
      ...(to === null ? [] : [`${column} < ${literal(to.toISOString())}`]),
      ...(userId === null || what === 'journal' ? [] : [`user_id = ${literal(userId)}`]),
    ]
    return parts.length === 0 ? least : parts.join(' and ')
  }
  const csv = (select: string) => `copy (${select}) to stdout (format csv, header)`
  switch (what) {
    case 'journal':
      // Bodies are JSON already; quote and delimiter are characters that JSON never holds as such.
      return `copy (select '{"shard":' || shard || ',"seq":' || seq || ',"hash":"' ||
                encode(hash, 'hex') || '","record":' || body || '}'
                from journal where ${within(recordedAt, 'true')}
               order by shard, seq) to stdout (format csv, quote e'\\x01', delimiter e'\\x02')`
    case 'orders':
      return csv(`select id as trx_id, user_id, ${text('ref')}, ${text('product')},
                ${text('destination')}, price, cost, ${text('supplier')}, status, ${text('sn')},
                attempts, ${time('created_at')}, ${time('updated_at')}
                from order_view where ${within('created_at', 'true')} order by id`)
    case 'mutations':
      return csv(`select user_id, seq, leg, direction, amount, balance_before, balance_after, kind,
                reference_id, ${text('note')}, ${time('created_at')}
                from mutation where ${within('created_at', 'true')}
               order by shard, user_id, seq, leg`)
  }
}

const recordedAt = "to_timestamp((readable_line(body)::json->>'at')::bigint / 1000.0)"
const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`
const text = (column: string): string =>
  `case when ${column} ~ '^[-=+@\\t\\r]' then '''' || ${column} else ${column} end as ${column}`
const time = (column: string): string =>
  `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`

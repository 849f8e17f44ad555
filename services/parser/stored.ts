/**
 * All that one supplier ever answered, out of the journal and the inbox of reports, page by page.
 * Made for a worker: it opens a connection of its own and reads beside a running engine.
 *
 * PAP1. A reply is read with what was asked in that attempt; replies to other suppliers are not.
 * PAP2. Reports that were forged are left out.
 */

import pg from 'pg'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import { decode } from '../../engine/record.ts'
import { query } from '../../sql/queries.ts'
import type { Asked } from '../supplier/adapter.ts'
import type { StoredReply } from './bench.ts'
import { reportOf } from './report.ts'

const linesPerPage = 2_000
const reportsPerPage = 1_000

export async function* storedReplies(
  url: string,
  supplier: string,
): AsyncGenerator<readonly StoredReply[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'laju rule bench' })
  client.on('error', () => {})
  await client.connect()
  try {
    const shards = await client.query<{ shard: number }>('select shard from lease order by shard')
    for (const { shard } of shards.rows) {
      const orders: Orders = new Map()
      for (let seq = 0; ; ) {
        const values = [shard, seq, linesPerPage]
        const { rows } = await client.query({ ...query('read-lines'), values })
        if (rows.length === 0) break
        seq = Number(rows.at(-1).seq)
        yield rows.flatMap(row => repliesIn(row.body, { supplier, orders }))
      }
    }
    for (let after = 0; ; ) {
      const values = [supplier, after, reportsPerPage]
      const { rows } = await client.query({ ...query('read-reports'), values })
      if (rows.length === 0) break
      after = Number(rows.at(-1).id)
      yield rows.map(({ id, body }) => ({
        channel: 'callback' as const,
        text: reportOf(body).text,
        asked: null,
        where: String(id),
      }))
    }
  } finally {
    await client.end()
  }
}

type Attempt = { dest: string; readonly asked: Map<number, Asked> }
/** Orders under way that this supplier was asked about. */
type Orders = Map<string, Attempt>

function repliesIn(
  body: string,
  { supplier, orders }: { readonly supplier: string; readonly orders: Orders },
): StoredReply[] {
  const record = decode(body)
  if (record.kind !== 'order') return []
  const found: StoredReply[] = []
  for (const event of record.events as readonly OrderEvent[]) {
    const known = orders.get(record.id)
    switch (event.type) {
      case 'placed':
        orders.set(record.id, { dest: event.destination, asked: new Map() })
        break
      case 'dispatched': {
        if (event.supplier !== supplier || known === undefined) break
        const { ref, sku, maxPrice } = event
        known.asked.set(event.n, { ref, sku, dest: known.dest, maxPrice, testing: false })
        break
      }
      case 'reported':
      case 'attempt_failed':
      case 'delivered':
      case 'disputed': {
        const asked = known?.asked.get(event.n)
        const isAnswer = event.via === 'reply' || event.via === 'check'
        if (asked !== undefined && isAnswer && event.reply) {
          const channel = event.via === 'check' ? 'status' : 'reply'
          found.push({ channel, text: event.reply, asked, where: record.id })
        }
        if (event.type === 'delivered') orders.delete(record.id)
        break
      }
      case 'failed':
        orders.delete(record.id)
    }
  }
  return found
}

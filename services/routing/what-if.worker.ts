/**
 * Reads the journal and compares, away from everybody else (Piscina). Its connection only reads.
 *
 * RTL1. The session is read-only: what-if writes nothing, whatever its code does.
 */

import { decode } from '../../engine/record.ts'
import { openDatabase } from '../../sql/database.ts'
import { query } from '../../sql/queries.ts'
import { readCatalogue } from '../../sql/topup/catalogue.ts'
import { levelsOf } from '../../sql/topup/price-change.ts'
import { readPlaces, readRules } from '../../sql/topup/routing.ts'
import type { ProposedRule, WhatIf } from '../contract/routing.ts'
import { compileRouting, type RuleRow } from './policy.ts'
import { compare, type Period, Recorded } from './what-if.ts'
import { type PriceProposal, pricesOf, rowsUnder } from './what-if-prices.ts'

export type WhatIfTask = {
  readonly url: string
  readonly rules: readonly ProposedRule[]
  /** Null: the price book is not in question. */
  readonly prices: PriceProposal | null
  readonly period: Period
}

const linesAtOnce = 5_000
const ordersMax = 2_000_000
const orderLine = '{"v":1,"k":"order"'

export default async function whatIf(task: WhatIfTask): Promise<WhatIf> {
  const { url, rules, prices, period } = task
  const db = await openDatabase(url, { name: 'laju what-if', connectionsMax: 1 })
  const client = await db.connect({ name: 'laju what-if', statementTimeoutMs: 60_000 })
  try {
    await client.query('set default_transaction_read_only = on')
    const recorded = new Recorded(period)
    const { rows: shards } = await client.query<{ shard: number }>(
      'select shard from lease order by shard',
    )
    for (const { shard } of shards) await readShard(client, shard, recorded)
    const known = await readRules(db.pool)
    const places = await readPlaces(db.pool)
    const today = compileRouting(known, places)
    const newest = today.version
    const fresh = rules.map((rule, n): RuleRow => ({ ...rule, version: newest + 1 + n }))
    const proposed = compileRouting([...known, ...fresh], places)
    if (prices === null) return compare(recorded, { today, proposed })
    const rows = await readCatalogue(db.pool)
    const levels = await levelsOf(db.pool, [...recorded.facts.users()])
    const books = {
      today: pricesOf(rows, levels),
      proposed: pricesOf(rowsUnder(rows, prices), levels),
    }
    return compare(recorded, { today, proposed, books })
  } finally {
    await client.end()
    await db.end()
  }
}

type Client = Awaited<ReturnType<Awaited<ReturnType<typeof openDatabase>>['connect']>>

async function readShard(client: Client, shard: number, recorded: Recorded): Promise<void> {
  for (let seq = 0; recorded.facts.length < ordersMax; ) {
    const { rows } = await client.query<{ seq: number; key: string; body: string }>({
      ...query('verify-lines'),
      values: [shard, seq, linesAtOnce],
    })
    for (const row of rows) {
      seq = row.seq
      if (row.body.startsWith(orderLine)) recorded.add(decode(row.body), row.key)
    }
    if (rows.length < linesAtOnce) return
  }
}

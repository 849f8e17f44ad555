/**
 * Reads the tables page by page as they were at one instant. While one page is being worked on,
 * Postgres prepares the next.
 *
 * Z16. Everything is read in one read-only snapshot: an engine that goes on writing is not seen and
 *      not disturbed.
 */

import pg from 'pg'
import { query } from '../../sql/queries.ts'
import type { CallbackRow } from './callback-rows.ts'
import { type Body, parse, type Row } from './chain.ts'
import type { DeskRow } from './desk-rows.ts'

export type ShardEnd = {
  readonly shard: number
  /** Last line, and the lines that recovery and the read models are at. */
  readonly seq: number
  readonly checkpointSeq: number
  readonly projectionSeq: number
  /** The line that merchants' tables are at, those of rented numbers, and those of deposits. */
  readonly paymentsSeq: number
  readonly numbersSeq: number
  readonly depositsSeq: number
  /** And the line that was last looked at for what uplines earn. */
  readonly earningsSeq: number
  readonly devicesSeq: number
}

const linesPerPage = 4_000
const rowsPerPage = 5_000
/** Read in the order of the index whatever the statistics of a fresh table say. */
const plans = ['enable_seqscan', 'enable_bitmapscan', 'enable_sort'].map(name => `-c ${name}=off`)
const options = `${plans.join(' ')} -c plan_cache_mode=force_generic_plan -c jit=off -c work_mem=64MB`

export class Source {
  readonly #client: pg.Client
  readonly #query: pg.Client['query']
  readonly #url: string

  private constructor(client: pg.Client, url: string) {
    this.#client = client
    this.#query = inTurn(client)
    this.#url = url
  }

  static async open(url: string): Promise<Source> {
    const client = new pg.Client({ connectionString: url, options })
    client.on('error', () => {})
    await client.connect()
    return new Source(client, url)
  }

  async freeze(): Promise<void> {
    await this.#query('begin isolation level repeatable read read only')
  }

  /** Another connection that sees the same instant. */
  async twin(): Promise<Source> {
    const { rows } = await this.#query('select pg_export_snapshot() as snapshot')
    const twin = await Source.open(this.#url)
    await twin.freeze()
    await twin.#query(`set transaction snapshot ${pg.escapeLiteral(rows[0].snapshot)}`)
    return twin
  }

  async close(): Promise<void> {
    await this.#client.end()
  }

  async shards(): Promise<ShardEnd[]> {
    const { rows } = await this.#query(query('verify-shards').text)
    return rows.map(row => ({
      shard: row.shard,
      seq: Number(row.seq),
      checkpointSeq: Number(row.checkpoint_seq),
      projectionSeq: Number(row.projection_seq),
      paymentsSeq: Number(row.payments_seq),
      numbersSeq: Number(row.numbers_seq),
      depositsSeq: Number(row.deposits_seq),
      earningsSeq: Number(row.earnings_seq),
      devicesSeq: Number(row.devices_seq),
    }))
  }

  /** Whether a process holds the shards just now. */
  async engineRuns(): Promise<boolean> {
    const { rows } = await this.#query(query('engine-running').text)
    return rows[0].running
  }

  /** Oldest first: one for each day since there are any. */
  async closings(): Promise<readonly ClosingRow[]> {
    return (await this.#query(query('verify-closings').text)).rows
  }

  async checkpoint(shard: number): Promise<{ hash: string; claims: string } | undefined> {
    return (await this.#query(query('verify-checkpoint').text, [shard])).rows[0]
  }

  /** Lines of one shard, oldest first; of all its actors, or of those from one key to another. */
  lines(shard: number, part: readonly [from: string, to: string] | null): AsyncGenerator<Row[]> {
    return part === null
      ? this.#pages<Row>('verify-lines', { shard, first: 0, size: linesPerPage })
      : this.#pages<Row>('verify-lines-of', { shard, first: 0, size: linesPerPage, more: part })
  }

  accounts(shard: number): AsyncGenerator<AccountRow[]> {
    return this.#pages('verify-accounts', { shard, first: '', size: rowsPerPage })
  }

  accountViews(shard: number): AsyncGenerator<AccountRow[]> {
    return this.#pages('verify-account-views', { shard, first: '', size: rowsPerPage })
  }

  orders(shard: number): AsyncGenerator<OrderRow[]> {
    const first = '00000000-0000-0000-0000-000000000000'
    return this.#pages('verify-orders', { shard, first, size: rowsPerPage })
  }

  async payments(ids: readonly string[]): Promise<readonly (readonly unknown[])[]> {
    return await this.#rowsOf('verify-payments', ids)
  }

  async batches(ids: readonly string[]): Promise<readonly (readonly unknown[])[]> {
    return await this.#rowsOf('verify-batches', ids)
  }

  async merchantCounts() {
    const { rows } = await this.#query(query('verify-merchant-counts').text)
    const { payments, batches, stray_refunds, stray_adjustments, stray_entries } = rows[0]
    return {
      payments: Number(payments),
      batches: Number(batches),
      strayRefunds: Number(stray_refunds),
      strayAdjustments: Number(stray_adjustments),
      strayEntries: Number(stray_entries),
    }
  }

  async numbers(ids: readonly string[]): Promise<readonly (readonly unknown[])[]> {
    return await this.#rowsOf('verify-numbers', ids)
  }

  async numberCounts() {
    const { rows } = await this.#query(query('verify-number-counts').text)
    const { numbers, stray_profits, stray_activity } = rows[0]
    return {
      numbers: Number(numbers),
      strayProfits: Number(stray_profits),
      strayActivity: Number(stray_activity),
    }
  }

  async intents(ids: readonly string[]): Promise<readonly (readonly unknown[])[]> {
    return await this.#rowsOf('verify-intents', ids)
  }

  async intentCounts() {
    const { rows } = await this.#query(query('verify-intent-counts').text)
    return { intents: Number(rows[0].intents), straySuspense: Number(rows[0].stray_suspense) }
  }

  async devices(ids: readonly string[]): Promise<readonly (readonly unknown[])[]> {
    return await this.#rowsOf('verify-devices', ids)
  }

  async deviceCount(): Promise<number> {
    return Number((await this.#query(query('verify-device-counts').text)).rows[0].devices)
  }

  /** Commissions of the shard's orders. */
  earningsOf(shard: number): AsyncGenerator<EarningRow[]> {
    const first = '00000000-0000-0000-0000-000000000000 0'
    return this.#pages('verify-earnings-of', { shard, first, size: rowsPerPage })
  }

  async earnings(orders: readonly string[], levels: readonly number[]) {
    const asked = {
      ...query('verify-earnings'),
      values: [orders, levels],
      rowMode: 'array',
    } as const
    return (await this.#query<unknown[]>(asked)).rows
  }

  async earningsDone(): Promise<number> {
    return Number((await this.#query(query('verify-earnings-done').text)).rows[0].done)
  }

  /** Rows that persons and banks wrote, of all shards together. */
  deskRows(name: string, first: string | number): AsyncGenerator<DeskRow[]> {
    return this.#pages<DeskRow>(name, { shard: null, first, size: rowsPerPage })
  }

  callbacks(): AsyncGenerator<CallbackRow[]> {
    return this.#pages<CallbackRow>('verify-callbacks', {
      shard: null,
      first: 0,
      size: rowsPerPage,
    })
  }

  async creditLines(size: number) {
    const asked = { ...query('verify-credit-lines'), values: [size], rowMode: 'array' } as const
    type Found = [user: string, used: string | null, moved: string]
    return (await this.#query<Found>(asked)).rows
  }

  /** What happened to these actors, by their place: `shard.key`. */
  async stories(
    places: readonly { readonly shard: number; readonly key: string }[],
  ): Promise<ReadonlyMap<string, readonly Body[]>> {
    const stories = new Map<string, Body[]>()
    const keysOf = Map.groupBy(places, ({ shard }) => shard)
    for (const [shard, some] of keysOf) {
      const keys = some.map(({ key }) => BigInt(`0x${key}`).toString())
      for (const [key, , text] of await this.histories(shard, keys)) {
        const body = parse(text)
        if (body === null) continue
        const place = `${shard}.${key}`
        const story = stories.get(place)
        if (story === undefined) stories.set(place, [body])
        else story.push(body)
      }
    }
    return stories
  }

  async #rowsOf(name: string, ids: readonly string[]): Promise<readonly (readonly unknown[])[]> {
    const asked = { ...query(name), values: [ids], rowMode: 'array' } as const
    return (await this.#query<unknown[]>(asked)).rows
  }

  snapshots(shard: number, part: readonly [from: string, to: string]) {
    const first = (BigInt(part[0]) - 1n).toString()
    const more = [part[1]]
    return this.#pages<SnapshotRow>('verify-snapshots', { shard, first, size: 1_000, more })
  }

  /** What happened to these actors of one shard, each one's oldest line first. */
  async histories(shard: number, keys: readonly string[]): Promise<readonly HistoryRow[]> {
    const asked = query('verify-histories')
    const values = [shard, keys]
    const { rows } = await this.#query<unknown[]>({ ...asked, values, rowMode: 'array' })
    return rows as unknown as HistoryRow[]
  }

  /** Each page's last row says in its first column where the next page begins. */
  async *#pages<R extends readonly unknown[]>(
    name: string,
    { shard, first, size, more = [] }: PageOptions,
  ): AsyncGenerator<R[]> {
    const of = shard === null ? [] : [shard]
    const ask = (after: unknown): Promise<pg.QueryArrayResult<unknown[]>> => {
      const asked = this.#query({
        ...query(name),
        values: [...of, after, size, ...more],
        rowMode: 'array',
      })
      // Whoever stops early never looks at the page that was asked for in advance.
      asked.catch(() => {})
      return asked
    }
    let next: ReturnType<typeof ask> | null = ask(first)
    while (next !== null) {
      const { rows }: pg.QueryArrayResult<unknown[]> = await next
      next = rows.length < size ? null : ask(rows.at(-1)![0])
      if (rows.length > 0) yield rows as unknown as R[]
    }
  }

  /** As ordered as the journal, while the next page is under way. */
  async *mutations(shard: number): AsyncGenerator<MutationRow[]> {
    await this.#query(query('verify-mutations-open').text, [shard])
    const { text } = query('verify-mutations-next')
    const ask = () => this.#query<unknown[]>({ text, rowMode: 'array' })
    let next = ask()
    for (;;) {
      const { rows } = await next
      if (rows.length === 0) break
      next = ask()
      next.catch(() => {})
      yield rows as unknown as MutationRow[]
    }
    await this.#query(query('verify-mutations-close').text)
  }
}

/** What is asked while an answer is on its way waits here: node-postgres wants no queue of it. */
function inTurn(client: pg.Client): pg.Client['query'] {
  let last: Promise<unknown> = Promise.resolve()
  const query = (...asked: [string]) => {
    const answer = last.then(() => client.query(...asked))
    last = answer.catch(() => {})
    return answer
  }
  return query as pg.Client['query']
}

type PageOptions = {
  /** Null: of all shards. */
  readonly shard: number | null
  readonly first: string | number
  readonly size: number
  readonly more?: readonly string[]
}

export type ClosingRow = {
  readonly day: string
  readonly statement: string
  readonly hash: string
  readonly signature: string
  readonly signer: string
}

/** Numbers of 64 bits come as text. */
export type AccountRow = readonly [
  id: string,
  seq: string,
  balance: string,
  debitsPending: string,
  creditsPending: string,
  /** Of what a restart begins with: loaded with its shard. */
  house?: boolean,
]

export type SnapshotRow = readonly [
  actor: string,
  key: string,
  seq: string,
  kind: string,
  state: string,
  /** What a restart reads it for: something will still happen; an effect is owed. */
  live: boolean,
  owes: boolean,
  version: number,
  wakesAt: string | null,
]

export type HistoryRow = readonly [key: string, seq: string, body: string]

export type OrderRow = readonly [
  id: string,
  userId: string,
  ref: string,
  product: string,
  destination: string,
  price: string,
  cost: string | null,
  supplier: string | null,
  status: string,
  sn: string | null,
  failure: string | null,
  attempts: number,
  attention: string | null,
  createdMs: string,
  updatedMs: string,
]

export type EarningRow = readonly [
  place: string,
  key: string,
  order: string,
  level: number,
  buyer: string,
  product: string,
  margin: string,
  refunded: boolean,
  upline: string,
]

export type MutationRow = readonly [
  seq: string,
  leg: number,
  userId: string,
  direction: string,
  amount: string,
  before: string,
  after: string,
  kind: string,
  referenceId: string,
  createdMs: string,
  note: string,
]

/**
 * The two that are measured, seen alike from outside: where to send orders, how many are still
 * open, and what SQL shows of them in the end.
 */
import pg from 'pg'
import type { Target } from '../load/load.ts'
import type { Signer } from '../load/requests.ts'

export type Side = {
  readonly name: 'engine' | 'baseline'
  readonly target: Target
  readonly signers: readonly Signer[]
  readonly product: string
  /** Instead of the one product, when orders shall ask for many. */
  readonly products?: readonly string[]
  /** Of the process that serves; another one after a restart. */
  pid: number
  readonly book: Book
  /** Orders accepted and not final by the process's own count; null when it doesn't tell. */
  open(): Promise<number | null>
}

export type Result = {
  readonly orders: number
  readonly final: number
  readonly success: number
  /** Over reference, destination and status of each order: equal work gives equal hashes. */
  readonly hash: string
}

/** The orders as anybody with SQL reads them. One connection, kept open. */
export class Book {
  readonly #client: pg.Client
  readonly #table: 'order_view' | 'orders'

  constructor(client: pg.Client, table: 'order_view' | 'orders') {
    this.#client = client
    this.#table = table
  }

  static async open(url: string, table: 'order_view' | 'orders'): Promise<Book> {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    return new Book(client, table)
  }

  async final(tag: string): Promise<number> {
    const { rows } = await this.#client.query<{ final: number }>(
      `select count(*)::int as final from ${this.#table}
        where ref like $1 and status in ('SUCCESS', 'FAILED', 'REFUND')`,
      [`${tag}-%`],
    )
    return rows[0]!.final
  }

  async result(tag: string): Promise<Result> {
    const { rows } = await this.#client.query<Result>(
      `select count(*)::int as orders,
              (count(*) filter (where status in ('SUCCESS', 'FAILED', 'REFUND')))::int as final,
              (count(*) filter (where status = 'SUCCESS'))::int as success,
              coalesce(md5(string_agg(concat_ws(' ', ref, right(destination, 8), status), ','
                order by ref collate "C")), '') as hash
         from ${this.#table} where ref like $1`,
      [`${tag}-%`],
    )
    return rows[0]!
  }

  async serverVersion(): Promise<string> {
    const { rows } = await this.#client.query<{ server_version: string }>('show server_version')
    return rows[0]!.server_version
  }

  async close(): Promise<void> {
    await this.#client.end()
  }
}

/** The value of a gauge without labels, or the sum over its labels; null when it isn't there. */
export function gauge(metrics: string, name: string): number | null {
  let sum: number | null = null
  for (const line of metrics.split('\n')) {
    if (!line.startsWith(name)) continue
    const after = line[name.length]
    if (after === ' ' || after === '{') sum = (sum ?? 0) + Number(line.slice(line.lastIndexOf(' ')))
  }
  return sum
}

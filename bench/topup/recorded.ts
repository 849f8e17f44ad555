/** A journal made for it, a program that reads all of it, and how much memory that takes. */
import { resolve } from 'node:path'
import pg from 'pg'
import { rssMb } from '../ground/cost.ts'
import type { Ground } from '../ground/ground.ts'
import { output } from '../ground/processes.ts'
import { say } from '../turns.ts'
import { stockOrders } from './stock.ts'

export const cli = resolve(import.meta.dirname, '../../deploy/cli/cli.ts')
const linesAtOnce = 5_000
const watchMs = 50

export type Env = Readonly<Record<string, string>>

/** How a program of ours comes to a database with so many recorded orders. */
export async function recorded(ground: Ground, orders: number): Promise<Env> {
  say('starting an engine, for its Postgres')
  const { env } = await ground.engine('server')
  const own = { ...env, DATABASE_URL: await ground.database('recorded') }
  await output(cli, ['migrate'], own)
  const began = performance.now()
  await stockOrders(own.DATABASE_URL, orders)
  say(`${orders} orders recorded in ${Math.round((performance.now() - began) / 1_000)} s`)
  return own
}

/** What the program printed, as JSON. */
export async function watched<T>(file: string, args: readonly string[], env: Env) {
  let peakMb = 0
  let watch: NodeJS.Timeout | undefined
  const began = performance.now()
  try {
    const text = await output(file, args, env, pid => {
      watch = setInterval(() => {
        peakMb = Math.max(peakMb, rssMb(pid) ?? 0)
      }, watchMs)
    })
    return { told: JSON.parse(text) as T, peakMb, seconds: (performance.now() - began) / 1_000 }
  } finally {
    clearInterval(watch)
  }
}

/** What can't be done without: all lines fetched and parsed, and forgotten. Seconds. */
export async function readThrough(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const began = performance.now()
  try {
    const { rows: shards } = await client.query('select shard from lease order by shard')
    for (const { shard } of shards) {
      for (let seq = '0', isMore = true; isMore; ) {
        const { rows } = await client.query({
          name: 'lines',
          text: 'select seq, body from journal where shard = $1 and seq > $2 order by seq limit $3',
          values: [shard, seq, linesAtOnce],
        })
        for (const { body } of rows) JSON.parse(body)
        seq = rows.at(-1)?.seq ?? seq
        isMore = rows.length === linesAtOnce
      }
    }
    return (performance.now() - began) / 1_000
  } finally {
    await client.end()
  }
}

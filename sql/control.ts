/** Requests of the command line to the running engine. Plan: index scan of control_open. */

import { type DatabasePool, sql, z } from './database.ts'
import { query } from './queries.ts'

const requestRow = z.object({
  id: z.number(),
  verb: z.string(),
  params: z.unknown(),
  /** Whoever asked has stopped waiting, or is about to. */
  isStale: z.boolean(),
})
const resultRow = z.object({ result: z.unknown() })
const runningRow = z.object({ running: z.boolean() })
const idRow = z.object({ id: z.number() })

export async function askControl(
  pool: DatabasePool,
  verb: string,
  params: object,
): Promise<number> {
  return await pool.oneFirst(sql.type(idRow)`
    insert into control (verb, params) values (${verb}, ${JSON.stringify(params)}::jsonb)
    returning id
  `)
}

export async function openRequests(
  pool: DatabasePool,
): Promise<readonly z.infer<typeof requestRow>[]> {
  return await pool.any(sql.type(requestRow)`
    select id, verb, params, asked_at < now() - interval '55 seconds' as "isStale"
      from control where result is null order by id limit 100
  `)
}

export async function answerRequest(pool: DatabasePool, id: number, result: object): Promise<void> {
  await pool.query(sql.unsafe`
    update control set result = ${JSON.stringify(result)}::jsonb where id = ${id}
  `)
}

/** Whether the process that holds the shards is alive: its lock is (J2, P3 of the journal). */
export async function isEngineThere(pool: DatabasePool): Promise<boolean> {
  const { text } = query('engine-running')
  return await pool.oneFirst({ ...sql.type(runningRow)``, sql: text })
}

/** False when it was answered meanwhile. */
export async function takeBack(pool: DatabasePool, id: number): Promise<boolean> {
  const { rowCount } = await pool.query(sql.unsafe`
    delete from control where id = ${id} and result is null
  `)
  return rowCount === 1
}

/** Null while it is not done. */
export async function readResult(pool: DatabasePool, id: number): Promise<unknown> {
  return await pool.oneFirst(sql.type(resultRow)`select result from control where id = ${id}`)
}

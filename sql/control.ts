/** Requests of the command line to the running engine. Plan: index scan of control_open. */

import { type DatabasePool, sql, z } from './database.ts'

const requestRow = z.object({
  id: z.number(),
  verb: z.string(),
  params: z.unknown(),
  /** Whoever asked has stopped waiting, or is about to. */
  isStale: z.boolean(),
})
const resultRow = z.object({ result: z.unknown() })
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

/** Null while it is not done. */
export async function readResult(pool: DatabasePool, id: number): Promise<unknown> {
  return await pool.oneFirst(sql.type(resultRow)`select result from control where id = ${id}`)
}

/** Answers kept under the asker's own key, so that a repeat gets the same one (migration 0036). */

import { type DatabasePool, moment, sql, z } from '../database.ts'

type Claim = {
  readonly scope: string
  readonly key: string
  readonly fingerprint: Buffer
  readonly nowMs: number
  /** A claim from before was left by somebody who died. */
  readonly staleMs: number
}

/** The number of the claim when it is ours; null when somebody was here before. */
export async function claimKey(pool: DatabasePool, claim: Claim): Promise<number | null> {
  const { scope, key, fingerprint, nowMs, staleMs } = claim
  const row = await pool.maybeOne(sql.type(z.object({ claims: z.number() }))`
    insert into idempotency_key as kept (scope, key, fingerprint, claimed_at)
    values (${scope}, ${key}, ${sql.binary(fingerprint)}, ${moment(nowMs)})
    on conflict (scope, key) do update
      set claimed_at = excluded.claimed_at, claims = kept.claims + 1
      where kept.status is null and kept.fingerprint = excluded.fingerprint
        and kept.claimed_at < ${moment(staleMs)}
    returning claims`)
  return row?.claims ?? null
}

const kept = z.object({
  isSame: z.boolean(),
  status: z.number().nullable(),
  body: z.string().nullable(),
})
type Kept = z.infer<typeof kept>

export async function readKey(
  pool: DatabasePool,
  { scope, key, fingerprint }: Pick<Claim, 'scope' | 'key' | 'fingerprint'>,
): Promise<Kept | null> {
  return await pool.maybeOne(sql.type(kept)`
    select fingerprint = ${sql.binary(fingerprint)} as "isSame", status, body
      from idempotency_key where scope = ${scope} and key = ${key}`)
}

type Answered = Pick<Claim, 'scope' | 'key'> & {
  readonly claim: number
  readonly status: number
  readonly body: string
}

/** Keeps the answer of who holds the claim. */
export async function keepAnswer(pool: DatabasePool, answered: Answered): Promise<void> {
  const { scope, key, claim, status, body } = answered
  await pool.query(sql.type(z.object({}))`
    update idempotency_key set status = ${status}, body = ${body}
     where scope = ${scope} and key = ${key} and claims = ${claim} and status is null`)
}

/** Lets the key go: nothing was done under it. */
export async function releaseKey(
  pool: DatabasePool,
  { scope, key, claim }: Pick<Answered, 'scope' | 'key' | 'claim'>,
): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    delete from idempotency_key
     where scope = ${scope} and key = ${key} and claims = ${claim} and status is null`)
}

/** The oldest beyond their days, a batch; how many went. */
export async function forgetKeys(
  pool: DatabasePool,
  { beforeMs, limit }: { beforeMs: number; limit: number },
): Promise<number> {
  const { rowCount } = await pool.query(sql.type(z.object({}))`
    delete from idempotency_key
     where (scope, key) in (select scope, key from idempotency_key
                             where claimed_at < ${moment(beforeMs)} order by claimed_at
                             limit ${limit})`)
  return rowCount
}

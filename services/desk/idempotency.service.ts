/**
 * Answers kept under the asker's own key (`Idempotency-Key`).
 *
 *   claim ─▶ mine ─▶ at work ─▶ keep the answer      claim by somebody else meanwhile ─▶ in flight
 *                        └────▶ release, when nothing was done
 *   claim later ─▶ the kept answer, or a conflict when it is asked for something else
 *
 * DKB1. Of any number who come at once with one key, one is at work.
 * DKB2. A repeat gets the very answer that the first got, also after a restart.
 * DKB3. The same key with another request is refused, whatever became of the first.
 * DKB4. Who died at work is succeeded after a minute: what he asked for is then asked again, under
 *       a reference made of the same key, so that it can not happen twice.
 * DKB5. Keys are kept for a week.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import {
  claimKey,
  forgetKeys,
  keepAnswer,
  readKey,
  releaseKey,
} from '../../sql/desk/idempotency.ts'
import type { DeskActions } from '../contract/desk.ts'
import type { Millis } from '../contract/words.ts'
import { faulted } from '../faults.ts'
import { askDatabase } from '../identity/identity.service.ts'

type IdempotencyDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly now: () => Millis
  readonly onError: (cause: unknown) => void
}

type Params<A extends keyof DeskActions> = DeskActions[A]['params']
type Result<A extends keyof DeskActions> = Promise<DeskActions[A]['result']>

export const staleMs = 60_000
const keptMs = 7 * 86_400_000
const sweepMs = 3_600_000
const sweptAtOnce = 5_000

export function idempotencyService({ db, now, onError }: IdempotencyDeps): ServiceSchema {
  const { pool } = db
  let timer: NodeJS.Timeout | undefined

  async function claim(params: Params<'idempotency.claim'>): Result<'idempotency.claim'> {
    const { scope, key } = params
    const fingerprint = Buffer.from(params.fingerprint, 'hex')
    const nowMs = now()
    const mine = await askDatabase(() =>
      claimKey(pool, { scope, key, fingerprint, nowMs, staleMs: nowMs - staleMs }),
    )
    if (mine !== null) return { ok: { claim: mine } }
    const kept = await readKey(pool, { scope, key, fingerprint })
    // Let go between the two questions: who asks again finds it free.
    if (kept === null) return flying
    if (!kept.isSame) return { refused: 'IDEMPOTENCY_CONFLICT', moneyEffect: 'none' }
    if (kept.status === null || kept.body === null) return flying
    return { ok: { status: kept.status, body: kept.body } }
  }

  return {
    name: 'idempotency',
    actions: {
      claim: (ctx: Context<Params<'idempotency.claim'>>) => claim(ctx.params).catch(faulted),
      keep: ({ params }: Context<Params<'idempotency.keep'>>): Result<'idempotency.keep'> =>
        keepAnswer(pool, params).then(() => ({ ok: null }), faulted),
      release: ({
        params,
      }: Context<Params<'idempotency.release'>>): Result<'idempotency.release'> =>
        releaseKey(pool, params).then(() => ({ ok: null }), faulted),
    },
    async started() {
      timer = setInterval(() => {
        forgetKeys(pool, { beforeMs: now() - keptMs, limit: sweptAtOnce }).catch(onError)
      }, sweepMs).unref()
    },
    async stopped() {
      clearInterval(timer)
    },
  } as ServiceSchema
}

const flying = {
  refused: 'IDEMPOTENCY_IN_FLIGHT',
  retryAfterMs: 2_000,
  moneyEffect: 'none',
} as const

/**
 * What a client sees and changes of itself: who it is, its keys, and who stands directly below it.
 *
 * SEI1. New keys are told to who knows the password besides being logged in; the old ones stop at
 *       once, and wrong passwords count like those of a login.
 * SEI2. Nothing of a key is shown but how it ends, and the public name of the one that signs.
 * SEI3. Downlines are those directly below, in pages.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { downlinesOf, keysOf, profileOf } from '../../sql/people/sessions.ts'
import type { SessionActions } from '../contract/session.ts'
import type { Actions } from '../contract.ts'
import { faulted } from '../faults.ts'
import type { Seal } from '../seal.ts'
import { rotateApiKey, rotateKey } from './enrol.ts'
import { apiKeyPurpose } from './identity.service.ts'
import type { Passwords } from './passwords.ts'

type SelfDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly shards: number
  readonly passwords: Passwords
}

type Params<A extends keyof SessionActions> = Actions[A]['params']
type Result<A extends keyof SessionActions> = Promise<Actions[A]['result']>

const notFound = { refused: 'NOT_FOUND', moneyEffect: 'none' } as const
const hintLength = 4
const idShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function selfService({ db, seal, shards, passwords }: SelfDeps): ServiceSchema {
  const { pool } = db

  async function rotateKeys(params: Params<'self.rotateKeys'>): Result<'self.rotateKeys'> {
    const { userId, password } = params
    const profile = await profileOf(pool, userId)
    if (profile === null) return notFound
    const verdict = await passwords.check({
      ...{ account: userId, neighbour: null, password, hashed: profile.passwordHash },
    })
    if (typeof verdict === 'object') {
      return { refused: 'LOGIN_LOCKED', retryAfterMs: verdict.lockedMs, moneyEffect: 'none' }
    }
    if (verdict === 'wrong') return { refused: 'PASSWORD_WRONG', moneyEffect: 'none' }
    const fresh = await rotateKey({ db, seal, shards }, userId)
    const other = await rotateApiKey({ db, seal, shards }, userId)
    return fresh === null || other === null ? notFound : { ok: { ...fresh, ...other } }
  }

  return {
    name: 'self',
    actions: {
      async profile({ params }: Context<Params<'self.profile'>>): Result<'self.profile'> {
        const found = await profileOf(pool, params.userId)
        if (found === null) return notFound
        const { passwordHash: _, ...profile } = found
        return { ok: profile }
      },
      async keys({ params: { userId } }: Context<Params<'self.keys'>>): Result<'self.keys'> {
        const found = await keysOf(pool, userId)
        if (found === null) return notFound
        const { apiKey, hmacKey, createdMs, allowList } = found
        const plain = apiKey === null ? null : seal.open(apiKey, apiKeyPurpose(userId))
        return {
          ok: {
            apiKeyHint: plain === null ? null : `…${plain.slice(-hintLength)}`,
            hmacKey,
            createdAt: createdMs === null ? null : Math.round(createdMs),
            allowList,
          },
        }
      },
      rotateKeys: (ctx: Context<Params<'self.rotateKeys'>>) =>
        rotateKeys(ctx.params).catch(faulted),
      async downlines(ctx: Context<Params<'self.downlines'>>): Result<'self.downlines'> {
        const { userId, cursor, limit } = ctx.params
        if (cursor !== undefined && !idShape.test(cursor)) return notFound
        const found = await downlinesOf(pool, { userId, after: cursor ?? null, limit: limit + 1 })
        const rows = found.slice(0, limit)
        return {
          ok: {
            rows: rows.map(({ createdMs, ...row }) => ({
              ...row,
              createdAt: Math.round(createdMs),
            })),
            next: found.length > limit ? (rows.at(-1)?.userId ?? null) : null,
          },
        }
      },
    },
  }
}

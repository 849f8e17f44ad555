/** The books of the days: closed by themselves after midnight, read by who looks after the cash. */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { readClosing, readClosings } from '../../sql/money/closings.ts'
import type { HealthPart } from '../contract/live.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { closeDays, makeSigner, type Statement } from './closing.ts'

type ClosingServiceDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly masterKey: Uint8Array
  readonly onError?: (cause: unknown) => void
}

export type Closer = {
  /** Closes what is due; resolves when it is done. */
  readonly close: () => Promise<void>
  readonly health: () => HealthPart
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const beatMs = 60_000

export function makeCloser({ room, db, masterKey, onError }: ClosingServiceDeps): Closer {
  const { engine, shards, now } = room
  const signer = makeSigner(masterKey)
  const shardAt = (shard: number) => engine.host.shard(shard)
  let closing: Promise<void> | null = null
  let trouble: string | null = null

  async function close(): Promise<void> {
    if (engine.state !== 'serving') return
    try {
      await closeDays({ pool: db.pool, shards, signer, now, shardAt })
      trouble = null
    } catch (cause) {
      trouble = String(cause)
      onError?.(cause)
    }
  }

  return {
    close() {
      closing ??= close().finally(() => {
        closing = null
      })
      return closing
    },
    health: () => ({ name: 'closing', ok: trouble === null, ms: 0, reason: trouble }),
  }
}

export function closingService(
  { db, ...deps }: ClosingServiceDeps,
  closer: Closer = makeCloser({ db, ...deps }),
): ServiceSchema {
  let timer: NodeJS.Timeout | undefined
  return {
    name: 'closing',
    actions: {
      async list(ctx: Context<Params<'closing.list'>>): Result<'closing.list'> {
        const { limit, before } = ctx.params
        const rows = await readClosings(db.pool, { before: before ?? null, limit })
        return {
          ok: {
            rows: rows.map(({ day, hash, statement }) => ({
              day,
              hash,
              sum: (JSON.parse(statement) as Statement).sum,
            })),
          },
        }
      },
      async get(ctx: Context<Params<'closing.get'>>): Result<'closing.get'> {
        const row = await readClosing(db.pool, ctx.params.day)
        return row === null ? { refused: 'NOT_FOUND', moneyEffect: 'none' } : { ok: row }
      },
    },
    async started() {
      timer = setInterval(() => void closer.close(), beatMs).unref()
      void closer.close()
    },
    async stopped() {
      clearInterval(timer)
      await closer.close()
    },
  }
}

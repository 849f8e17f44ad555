/** How everything stands, as far as alarms care: out of memory, and a few counts in the tables. */

import { statfs } from 'node:fs/promises'
import { endpointNames, forgedCallbacks, oldestSuspense, unreadReplies } from '../../sql/alarms.ts'
import type { Database } from '../../sql/database.ts'
import { queueByReason } from '../../sql/topup/care.ts'
import type { HealthPart } from '../contract/live.ts'
import type { FloatAudit } from '../float/audit.ts'
import type { Projector } from '../projection/projector.ts'
import type { Gauges } from '../routing/gauges.ts'
import type { Webhooks } from '../webhook/webhook.service.ts'
import type { Facts, Tables } from './conditions.ts'

export type FactSources = {
  readonly db: Pick<Database, 'pool'>
  readonly gauges: Pick<Gauges, 'suppliers'>
  readonly floats: Pick<FloatAudit, 'stands'>
  readonly host: { readonly ownerless: number }
  readonly projector: Pick<Projector, 'ageMs'>
  readonly closing: () => HealthPart
  readonly webhooks: Pick<Webhooks, 'resting'>
  /** As the MQTT broker counts them. */
  readonly trespasses?: () => NonNullable<Facts['trespasses']>
  readonly clock: { readonly behindMs: number }
  /** A folder on the disk that must not become full. */
  readonly dataDir: string
  readonly now: () => number
}

const unreadMs = 3_600_000
const forgedMs = 10 * 60_000

export function memoryFacts(sources: FactSources): Omit<Facts, 'tables' | 'diskPercent'> {
  const at = sources.now()
  return {
    suppliers: [...sources.gauges.suppliers.values()].map(one => ({
      ...{ code: one.code, balance: one.balance, balanceMin: one.balanceMin },
      ...{ lasting: one.keeps(at), exposure: one.hanging + one.reserved, exposureMax: one.cap },
      breaker: one.breaker.state,
    })),
    drifts: [...sources.floats.stands.values()].flatMap(({ code, doubt }) =>
      doubt?.drift ? [{ supplier: code, off: doubt.off }] : [],
    ),
    ownerless: sources.host.ownerless,
    projectionAgeMs: sources.projector.ageMs(at),
    closing: sources.closing().ok ? 'ok' : 'failed',
    trespasses: sources.trespasses?.() ?? [],
    clockBehindMs: sources.clock.behindMs,
  }
}

/** Null where the system does not say. */
export async function diskPercent(folder: string): Promise<number | null> {
  try {
    const { blocks, bavail } = await statfs(folder)
    return blocks === 0 ? null : Math.floor(100 * (1 - bavail / blocks))
  } catch {
    return null
  }
}

/** Throws when the database does not answer. */
export async function tableFacts({ db, webhooks, now }: FactSources): Promise<Tables> {
  const at = now()
  const [waiting, unread, suspenseAt, forged, resting] = await Promise.all([
    queueByReason(db.pool),
    unreadReplies(db.pool, at - unreadMs),
    oldestSuspense(db.pool),
    forgedCallbacks(db.pool, at - forgedMs),
    restingNamed(db, webhooks.resting()),
  ])
  return {
    waiting: waiting.map(({ why, oldestMs }) => ({ why, oldestMinutes: minutes(at - oldestMs) })),
    ...{ unread, forged, resting },
    suspenseMinutes: suspenseAt === null ? null : minutes(at - suspenseAt),
  }
}

/** An endpoint is known by whose it is; a host needs no other name. */
async function restingNamed(
  { pool }: FactSources['db'],
  targets: readonly string[],
): Promise<Tables['resting']> {
  const hosts = targets.filter(target => !idShape.test(target))
  const named = hosts.map(target => ({ target, about: target }))
  if (hosts.length === targets.length) return named
  const endpoints = await endpointNames(pool, targets)
  return [
    ...named,
    ...endpoints.map(({ id, username, url }) => ({
      target: id,
      about: `${username} (${new URL(url).host})`,
    })),
  ]
}

const idShape = /^[0-9a-f]{8}-[0-9a-f-]{27}$/
const minutes = (ms: number): number => Math.max(0, Math.floor(ms / 60_000))

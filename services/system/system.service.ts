/**
 * How the whole is: alive, ready, and each part with its reason. Ready means that an order posted
 * now would be taken: it turns false when the journal stalls, not when one supplier is down.
 *
 * SY1. A journal that hangs makes us unready within some five seconds, long before anybody hangs up
 *      on it, and readiness is back with its first answer. A database that hangs is told of, in the
 *      same time, and never waited for.
 * SY2. A process that stands by is ready as long as another one, which is, answers what is asked
 *      here.
 * SY3. A machine whose clock stands a minute behind what has happened is told of, and stays ready.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Engine } from '../../engine/engine.ts'
import { type Database, sql, z } from '../../sql/database.ts'
import type { HealthPart } from '../contract/live.ts'
import type { Actions } from '../contract.ts'
import type { Projector } from '../projection/projector.ts'
import { type MetricSources, makeMetrics } from './metrics.ts'

type SystemDeps = MetricSources & {
  readonly engine: Engine
  readonly projector: Projector
  readonly db: Pick<Database, 'pool'>
  /** Whether another process, which holds the journal, would take what is posted here. */
  readonly isServedElsewhere?: () => boolean
  /** Parts that know themselves how they are. */
  readonly parts: readonly (() => HealthPart)[]
}

const lagMsMax = 30_000
const behindMsMax = 60_000
/** Looks come a second apart, and a report is kept for one: together below five. */
const silentMsMax = 3_000

export function systemService(deps: SystemDeps): ServiceSchema {
  const metrics = makeMetrics(deps)
  return {
    name: 'system',
    actions: {
      async health(
        ctx: Context<Actions['system.health']['params']>,
      ): Promise<Actions['system.health']['result']> {
        const journal = journalPart(deps.engine, deps.isServedElsewhere?.())
        if (!ctx.params.deep) return { ready: journal.ok, parts: [journal] }
        const database = await databasePart(deps.db)
        const parts = [journal, database, projectionPart(deps), ownerlessPart(deps.engine)]
        parts.push(clockPart(deps.engine.clock))
        return { ready: journal.ok, parts: [...parts, ...deps.parts.map(part => part())] }
      },
      metrics: () => metrics.text(),
    },
  }
}

export function journalPart(
  engine: Pick<Engine, 'state' | 'silentMs' | 'flushes'>,
  isServedElsewhere = false,
): HealthPart {
  const isServing = engine.state === 'serving'
  const isSilent = engine.silentMs > silentMsMax
  const ok = (isServing && !isSilent) || isServedElsewhere
  let reason: string | null = null
  if (isServedElsewhere) reason = 'another process holds it, and answers'
  else if (engine.state === 'cut')
    reason = 'it ends before what was answered: look, then start again'
  else if (!isServing) reason = `engine is ${engine.state.replace('_', ' ')}`
  else if (isSilent) reason = `no answer for ${Math.floor(engine.silentMs / 1_000)} s`
  return { name: 'journal', ok, ms: tenths(engine.flushes.lastMs), reason }
}

export async function databasePart(db: Pick<Database, 'pool'>): Promise<HealthPart> {
  const began = performance.now()
  const patience = Promise.withResolvers<never>()
  const late = setTimeout(() => {
    patience.reject(new Error(`no answer for ${silentMsMax} ms`))
  }, silentMsMax)
  try {
    const asked = db.pool.oneFirst(sql.type(z.object({ one: z.number() }))`select 1 as one`)
    asked.catch(() => {})
    await Promise.race([asked, patience.promise])
    return { name: 'database', ok: true, ms: tenths(performance.now() - began), reason: null }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return { name: 'database', ok: false, ms: tenths(performance.now() - began), reason }
  } finally {
    clearTimeout(late)
  }
}

function projectionPart({ projector, engine, now }: SystemDeps): HealthPart {
  const age = projector.ageMs(now())
  const lag = projector.lag(engine.host.shards())
  const ok = age < lagMsMax
  const reason = ok ? null : `${lag} lines wait, the oldest since ${Math.round(age / 1_000)} s`
  return { name: 'projections', ok, ms: tenths(projector.lastWriteMs), reason }
}

function ownerlessPart({ host }: Engine): HealthPart {
  const { ownerless } = host
  const ok = ownerless === 0 && host.stats.violations === 0
  const reason = ok ? null : `${ownerless} without owner; ${host.lastViolation ?? 'no violation'}`
  return { name: 'invariants', ok, ms: 0, reason }
}

export function clockPart({ behindMs }: Pick<Engine['clock'], 'behindMs'>): HealthPart {
  const ok = behindMs < behindMsMax
  const late = `the machine's clock is ${Math.round(behindMs / 1_000)} s behind what has happened`
  return { name: 'clock', ok, ms: 0, reason: ok ? null : `${late}: set it right` }
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10

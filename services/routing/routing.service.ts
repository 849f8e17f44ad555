/**
 * Routing for staff: its rules and their history, how suppliers stand, why an order went where it
 * went, and what other rules would have done. Orders don't come by here; they meet the router.
 *
 * RTM1. A rule that can't be is refused with its reason, and leaves no row.
 * RTM2. Why: the recorded numbers under the rules of the recorded version give the recorded plan.
 * RTM3. One what-if at a time, in a thread of its own; another meanwhile is told to wait.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { Piscina } from 'piscina'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import { isId, keyOf, shardOf } from '../../engine/ids.ts'
import { decode } from '../../engine/record.ts'
import type { Database } from '../../sql/database.ts'
import { addRule, readRules, ruleHistory } from '../../sql/topup/routing.ts'
import type { Book } from '../catalogue/book.ts'
import type { Answer } from '../contract/answer.ts'
import type { ProposedRule, RoutingWhy, SupplierStand, WhatIf } from '../contract/routing.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { type Candidate, candidatesOf, choose, probing } from './choice.ts'
import { compileRouting, inForce, problemOf, ruleFor, ruleForClient } from './policy.ts'
import type { Router } from './router.ts'
import type { WhatIfTask } from './what-if.worker.ts'
import { readPrices } from './what-if-prices.ts'

type RoutingDeps = {
  readonly db: Pick<Database, 'pool' | 'url'>
  readonly room: Pick<EngineRoom, 'engine' | 'shards' | 'now'>
  readonly shelf: { readonly book: () => Pick<Book, 'index' | 'products'> }
  readonly router: Router
}

type Params<A extends keyof Actions> = Actions[A]['params']

const workerIdleMs = 30_000
const retryAfterMs = 5_000

export function routingService(deps: RoutingDeps): ServiceSchema {
  const { db } = deps
  const whatIf = whatIfOf(db.url)
  return {
    name: 'routing',
    actions: {
      rules: async () => ({ ok: inForce(await readRules(db.pool)) }),
      async history(ctx: Context<Params<'routing.history'>>) {
        const { before = Number.MAX_SAFE_INTEGER, limit } = ctx.params
        return { ok: await ruleHistory(db.pool, { before, limit }) }
      },
      suppliers: () => ({ ok: standing(deps) }),
      async change(ctx: Context<Params<'routing.change'>>) {
        const { scope, target, rule, by, reason } = ctx.params
        const problem = problemOf({ scope, target, rule })
        if (problem !== null) return { ok: { problems: [problem] } }
        const version = await addRule(db.pool, { scope, target, rule, changedBy: by, reason })
        return { ok: { version } }
      },
      why: (ctx: Context<Params<'routing.why'>>) => why(deps, ctx.params.trxId),
      whatIf: (ctx: Context<Params<'routing.whatIf'>>) => whatIf.run(ctx.params),
    },
    stopped: () => whatIf.stop(),
  }
}

function standing({ router, room }: RoutingDeps): SupplierStand[] {
  const now = room.now()
  return [...router.gauges.suppliers.values()].map(gauge => {
    const { share, success, ms } = gauge.candidate(gauge.breaker, 0, now)
    return {
      supplier: gauge.code,
      breaker: gauge.breaker.state,
      share: sharePercent(share),
      successBp: success * 10,
      latencyMs: ms,
      exposure: gauge.hanging,
      exposureMax: Number.isFinite(gauge.cap) ? gauge.cap : null,
      balance: gauge.balance,
    }
  })
}

/** One order that tries it again is no share. */
const sharePercent = (share: number): number => (share === probing ? 0 : share)

async function why(deps: RoutingDeps, trxId: string): Promise<Answer<RoutingWhy>> {
  const { room, db, shelf } = deps
  const notFound = { refused: 'NOT_FOUND', moneyEffect: 'none' } as const
  if (!isId(trxId) || shardOf(trxId) >= room.shards) return notFound
  try {
    const key = keyOf(trxId)
    const [line] = await room.engine.history(shardOf(trxId), key)
    if (line === undefined) return notFound
    const { id, events } = decode(line.body)
    const placed = (events as readonly OrderEvent[]).find(event => event.type === 'placed')
    if (id !== trxId || placed === undefined) return notFound

    const plan = placed.plan.map(([supplier]) => supplier)
    const record = placed.why
    const rows = record === undefined ? [] : await readRules(db.pool, record.v)
    const { index, products } = shelf.book()
    const product = products[index.get(placed.product.toUpperCase()) ?? -1]
    const { brand = '', category = '' } = product ?? {}
    const table = compileRouting(rows, [{ code: placed.product, brand, category }])
    const general = ruleFor(table, placed.product)
    const own = table.clients.get(placed.user)
    const rule = own === undefined ? general : ruleForClient(general, own)

    const candidates = record === undefined ? placed.plan.map(asPlain) : candidatesOf(record, plan)
    const again = choose(rule, candidates, { key, price: placed.price })
    const recomputed = again.plan.map(n => candidates[n]!.supplier)
    return {
      ok: {
        trxId,
        version: record?.v ?? null,
        policy: record?.p ?? 'priority',
        candidates: candidates.map(({ supplier, cost, success, ms, share }, n) => {
          const place = plan.indexOf(supplier)
          return {
            ...{ supplier, cost, successBp: success * 10, latencyMs: ms },
            share: sharePercent(share),
            place: place < 0 ? null : place + 1,
            left: record?.c[n]?.[5] ?? null,
          }
        }),
        plan,
        recomputed,
        same: recomputed.join(' ') === plan.join(' '),
      },
    }
  } catch (cause) {
    return faulted(cause)
  }
}

/** Nothing was weighed: the numbers say so. */
const asPlain = ([supplier, , cost]: readonly [
  string,
  string,
  number,
  ...unknown[],
]): Candidate => ({
  ...{ supplier, cost, success: 0, ms: 0, share: 100 },
  barred: '',
})

/** Runs what-if in a thread, for the service and for the command line. */
export function whatIfOf(url: string) {
  const worker = new Piscina<WhatIfTask, WhatIf>({
    filename: new URL('./what-if.worker.ts', import.meta.url).href,
    recordTiming: false,
    minThreads: 0,
    maxThreads: 1,
    maxQueue: 0,
    idleTimeout: workerIdleMs,
  })
  let busy = false
  return {
    async run(asked: {
      readonly rules: readonly ProposedRule[]
      readonly prices?: unknown
      readonly costs?: unknown
      readonly from?: number
      readonly to?: number
    }): Promise<Answer<WhatIf | { problems: readonly string[] }>> {
      const { rules, from = 0, to = Number.MAX_SAFE_INTEGER } = asked
      const problems = rules.flatMap(rule => problemOf(rule) ?? [])
      const priced = readPrices(asked)
      if ('problem' in priced) problems.push(priced.problem)
      if (problems.length > 0 || 'problem' in priced) return { ok: { problems } }
      if (busy) return { fault: 'OVERLOADED', retryAfterMs, moneyEffect: 'none' }
      busy = true
      try {
        return {
          ok: await worker.run({ url, rules, prices: priced.proposal, period: { from, to } }),
        }
      } finally {
        busy = false
      }
    },
    stop: () => worker.destroy(),
  }
}

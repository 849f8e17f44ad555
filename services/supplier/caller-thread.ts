/**
 * The engine's end of the thread that calls suppliers: the same `perform` as the caller itself. What
 * is asked in one turn of the event loop travels together.
 *
 *   engine ─perform─▶ batch ─▶ thread (caller, sockets) ─▶ batch ─▶ report
 *
 * SC1. Every effect gets its report, or is rejected when the thread breaks down: it may have been
 *      sent by then, and the engine hands it out again as such.
 * SC2. A change of the suppliers' table is known in the thread before any later effect.
 * SC3. A thread that broke down is replaced.
 * SC4. Who closes may stop waiting; each call under way has its report then as well.
 * SC5. Where the orders have gone to another process, what waits there does not leave.
 */

import { Worker } from 'node:worker_threads'
import { whenHurried } from '../hurry.ts'
import type { Effect, SupplierAccess, SupplierStats } from './caller.ts'
import type { Report } from './report.ts'

/** A supplier as it can travel: its adapter by name. */
export type Travelling = Omit<SupplierAccess, 'adapter'> & { readonly adapter: string }

export type ToCaller =
  | { readonly type: 'effects'; readonly effects: readonly (readonly [id: number, Effect])[] }
  | { readonly type: 'suppliers'; readonly suppliers: readonly Travelling[] }
  | { readonly type: 'close' }
  | { readonly type: 'hurry' }
  | { readonly type: 'let_go' }

export type FromCaller =
  | { readonly type: 'reports'; readonly reports: readonly (readonly [id: number, Report])[] }
  | { readonly type: 'stats'; readonly stats: SupplierStats[] }
  | { readonly type: 'closed' }

export type CallerThread = {
  perform(effect: Effect): Promise<Report>
  /** As of half a second ago at most. */
  stats(): SupplierStats[]
  /** Tells the thread how the suppliers stand now. */
  know(suppliers: readonly SupplierAccess[]): void
  /** Another process has the orders now: what has not left does not leave any more. */
  letGo(): void
  /** Resolves when every call under way has its report; after `hurry` none is waited for. */
  close(hurry?: AbortSignal): Promise<void>
}

type Waiting = { readonly resolve: (report: Report) => void; readonly reject: (why: Error) => void }

export function openCallerThread(
  file: URL = new URL('./caller.worker.ts', import.meta.url),
): CallerThread {
  const waiting = new Map<number, Waiting>()
  let batch: [number, Effect][] = []
  let lastId = 0
  let stats: SupplierStats[] = []
  let known: readonly Travelling[] = []
  let closing: (() => void) | null = null
  let worker = open()

  function open(): Worker {
    const fresh = new Worker(file, { resourceLimits: { maxYoungGenerationSizeMb: 16 } })
    fresh.on('message', (message: FromCaller) => hear(message))
    fresh.on('error', why => replace(why))
    fresh.postMessage({ type: 'suppliers', suppliers: known } satisfies ToCaller)
    return fresh
  }

  function replace(why: unknown): void {
    const lost = [...waiting.values()]
    waiting.clear()
    batch = []
    if (closing === null) worker = open()
    else closing()
    for (const { reject } of lost) reject(new Error('the caller thread broke down', { cause: why }))
  }

  function hear(message: FromCaller): void {
    switch (message.type) {
      case 'reports':
        for (const [id, report] of message.reports) {
          const one = waiting.get(id)
          waiting.delete(id)
          one?.resolve(report)
        }
        return
      case 'stats':
        stats = message.stats
        return
      case 'closed':
        closing?.()
    }
  }

  function send(): void {
    const effects = batch
    batch = []
    if (effects.length > 0) worker.postMessage({ type: 'effects', effects } satisfies ToCaller)
  }

  return {
    perform(effect) {
      const id = ++lastId
      if (batch.length === 0) setImmediate(send)
      batch.push([id, effect])
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
    },
    stats: () => stats,
    know(suppliers) {
      known = suppliers.map(({ adapter, ...rest }) => ({ ...rest, adapter: adapter.card.name }))
      worker.postMessage({ type: 'suppliers', suppliers: known } satisfies ToCaller)
    },
    letGo() {
      send()
      worker.postMessage({ type: 'let_go' } satisfies ToCaller)
    },
    async close(hurry) {
      if (closing !== null) return
      send()
      whenHurried(hurry, () => worker.postMessage({ type: 'hurry' } satisfies ToCaller))
      await new Promise<void>(resolve => {
        closing = resolve
        worker.postMessage({ type: 'close' } satisfies ToCaller)
      })
      await worker.terminate()
    },
  }
}

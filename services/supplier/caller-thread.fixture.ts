/** A thread for tests: says which suppliers it knows, and breaks down when it is asked to. */

import { parentPort } from 'node:worker_threads'
import type { FromCaller, ToCaller, Travelling } from './caller-thread.ts'

const port = parentPort!
let known: readonly Travelling[] = []

port.on('message', (message: ToCaller) => {
  if (message.type === 'suppliers') known = message.suppliers
  if (message.type === 'close') port.postMessage({ type: 'closed' } satisfies FromCaller)
  if (message.type !== 'effects') return
  for (const [id, effect] of message.effects) {
    if (effect.sku === 'break') throw new Error('as asked')
    const code = known.map(supplier => supplier.baseUrl).join(' ')
    const report = { n: effect.n, outcome: 'unknown', code, ms: 0, via: 'reply' } as const
    port.postMessage({ type: 'reports', reports: [[id, report]] } satisfies FromCaller)
  }
})

/**
 * The supplier caller in a thread of its own: sockets, signatures and replies cost as much as all
 * the rest of an order, and the engine's thread has better to do. Effects come in batches, reports
 * go back in batches; what a report means is decided where the order lives.
 */

import { parentPort } from 'node:worker_threads'
import { collectAtRest } from '../system/rest.ts'
import { adapters } from './adapters.ts'
import { type Effect, type SupplierAccess, SupplierCaller } from './caller.ts'
import type { FromCaller, ToCaller } from './caller-thread.ts'
import type { Report } from './report.ts'

const port = parentPort!
const statsEveryMs = 500

let suppliers = new Map<string, SupplierAccess>()
let reports: [id: number, report: Report][] = []
let asked = 0
const caller = new SupplierCaller({ supplierOf: code => suppliers.get(code) })

const say = (message: FromCaller): void => port.postMessage(message)

function keep(id: number, report: Report): void {
  if (reports.length === 0) setImmediate(tell)
  reports.push([id, report])
}

function tell(): void {
  const batch = reports
  reports = []
  say({ type: 'reports', reports: batch })
}

function perform(id: number, effect: Effect): void {
  asked++
  void caller.perform(effect).then(report => keep(id, report))
}

port.on('message', (message: ToCaller) => {
  switch (message.type) {
    case 'effects':
      for (const [id, effect] of message.effects) perform(id, effect)
      return
    case 'suppliers':
      suppliers = new Map(
        message.suppliers.flatMap(({ adapter: name, ...rest }) => {
          const kind = adapters.get(name)
          const adapter = kind?.configure?.(rest.credentials) ?? kind
          return adapter === undefined ? [] : [[rest.code, { ...rest, adapter }]]
        }),
      )
      return
    case 'let_go':
      return caller.letGo()
    case 'hurry':
      return caller.hurry()
    case 'close':
      clearInterval(timer)
      void caller.close().then(() => {
        if (reports.length > 0) tell()
        say({ type: 'closed' })
      })
  }
})

collectAtRest(() => asked)
const timer = setInterval(() => say({ type: 'stats', stats: caller.stats() }), statsEveryMs)

/**
 * The mix of a load test as it was published for another system of this kind: payments made at the
 * desk, their callbacks, heartbeats over HTTP, dynamic QRs of boxes, and the summary that operators
 * look at. Their shares were not published; these are ours. As fast as it goes, as it was there,
 * but over connections that are kept alive.
 */

import { Histogram } from '../load/histogram.ts'
import { load, type Outcome, type Target } from '../load/load.ts'
import { type Signer, signature } from '../load/requests.ts'
import { batchOf, type Counter, callback, posted } from './callbacks.ts'

export const kinds = ['create', 'callback', 'heartbeat', 'dynamic_qr', 'observability'] as const
export type Kind = (typeof kinds)[number]

/** Of 161 requests; a callback for every payment. */
const shares: Readonly<Record<Kind, number>> = {
  ...{ create: 50, callback: 50, heartbeat: 40, dynamic_qr: 20, observability: 1 },
}

export type Mix = {
  readonly target: Target
  readonly counters: readonly Counter[]
  readonly signer: Signer
  /** Under which the acquirer signs. */
  readonly secret: string
  readonly tag: string
  readonly count: number
  readonly connections: number
}

export type Mixed = {
  readonly outcome: Outcome
  readonly p95Ms: Readonly<Record<Kind, number>>
  readonly asked: Readonly<Record<Kind, number>>
}

export async function runMix(mix: Mix): Promise<Mixed> {
  const { target, counters, count, connections } = mix
  const turn = turns()
  const create = (n: number): string => {
    const { terminalId } = counters[n % counters.length]!
    const reference = refOf(mix.tag, n)
    const body = JSON.stringify({ terminal_id: terminalId, amount: amountOf(n), reference })
    const path = '/admin/transactions'
    const atSeconds = Math.floor(Date.now() / 1_000)
    const { signer } = mix
    return posted(path, body, signature({ method: 'POST', path, body, signer, atSeconds }))
  }
  const paid = (n: number): string => {
    const { nmid, tid } = counters[n % counters.length]!
    const reference = refOf(mix.tag, n)
    return callback(mix.secret, { nmid, tid, reference, amount: amountOf(n) })
  }
  const box = (path: string, n: number, body: string): string => {
    const { device, secret } = counters[n % counters.length]!
    return posted(path, body, { 'X-Device-Id': device, 'X-Device-Secret': secret })
  }
  const beat = '{"network_strength":70,"battery_level":80}'
  const texts: Readonly<Record<Kind, (n: number) => string>> = {
    create: n => create(n + lead),
    callback: paid,
    heartbeat: n => box('/device/heartbeat', n, beat),
    dynamic_qr: n =>
      box('/device/transactions/dynamic-qr', n, `{"amount":5000,"request_id":"${mix.tag}${n}"}`),
    observability: () => {
      const path = '/admin/observability/summary'
      const atSeconds = Math.floor(Date.now() / 1_000)
      const asked = { method: 'GET', path, body: '', signer: mix.signer, atSeconds } as const
      const lines = Object.entries(signature(asked)).map(([name, text]) => `${name}: ${text}\r\n`)
      return `GET ${path} HTTP/1.1\r\nHost: bench\r\n${lines.join('')}\r\n`
    },
  }
  const order = Array.from({ length: count }, (_, n) => turn[n % turn.length]!)
  // Payments are made long before they are paid, whatever overtakes what on the way.
  const lead = 2 * connections
  const asked = Object.fromEntries(kinds.map(kind => [kind, 0])) as Record<Kind, number>

  const before = await load(target, batchOf(lead, create), { connections })
  if (before.ok !== lead) throw new Error(`bench: not made: ${before.oddities.join(' | ')}`)
  const batch = batchOf(count, n => texts[order[n]!](asked[order[n]!]++))
  const waits = Object.fromEntries(kinds.map(kind => [kind, new Histogram()]))
  const outcome = await load(target, batch, {
    connections,
    onAnswer: (index, ms) => waits[order[index]!]!.add(ms),
  })
  const p95 = kinds.map(kind => [kind, waits[kind]!.quantileMs(0.95)])
  return { outcome, p95Ms: Object.fromEntries(p95) as Mixed['p95Ms'], asked }
}

const amountOf = (n: number): number => 20_000 + (n % 1_000)
const refOf = (tag: string, n: number): string => `${tag}-${n}`

/** Every kind spread as evenly over the turn as its share allows. */
function turns(): readonly Kind[] {
  const places = kinds.flatMap(kind =>
    Array.from({ length: shares[kind] }, (_, n) => ({ kind, at: (n + 0.5) / shares[kind] })),
  )
  return places.sort((one, other) => one.at - other.at).map(({ kind }) => kind)
}

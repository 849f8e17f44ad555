/**
 * Every counter of the town in one process, with the customers who pay there: boxes that listen,
 * and an acquirer that calls back for printed QRs. One clock sees a callback leave and its box
 * hear it. `FLEET` is a file (callbacks.ts), `MQTT_PORT` and `HTTP_PORT` say where. Over HTTP:
 *
 *   GET /open?boxes=n                                  so many of them are connected
 *   GET /pay?count=n&perSecond=n|0&connections=n   payments, until they are heard
 *   GET /again                                         all are cut off and come back; in seconds
 *   GET /mix?count=n&connections=n                     what a system of this kind is asked (mix.ts)
 *   GET /beat?seconds=n&everySeconds=n                 heartbeats of all by the clock
 *
 * BNB1. Each payment has an amount of its own: what was never heard, and what was spoken a second
 *       time under another message id, is counted.
 * BNB2. Heard is measured from when the callback was due, not from when a socket was free.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { Histogram } from '../load/histogram.ts'
import { load, type Outcome } from '../load/load.ts'
import type { Signer } from '../load/requests.ts'
import { Box } from './box.ts'
import { type Counter, callbacks } from './callbacks.ts'
import { runMix } from './mix.ts'

export type Fleet = {
  readonly counters: readonly Counter[]
  /** Under which the acquirer signs. */
  readonly secret: string
  readonly signer: Signer
}
const fleet = JSON.parse(readFileSync(process.env['FLEET']!, 'utf8')) as Fleet
const { counters, secret, signer } = fleet
const port = Number(process.env['MQTT_PORT'])
const http = { host: '127.0.0.1', port: Number(process.env['HTTP_PORT']) }
const atOnce = 200
const heardMsMax = 120_000

export type Paid = {
  readonly outcome: Outcome
  readonly heard: number
  /** Spoken again under another id. */
  readonly twice: number
  /** Said again under the same id, which a box does not speak. */
  readonly repeated: number
  /** From the first callback to the last that was heard. */
  readonly heardPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Payments of a run, by their amounts. */
class Run {
  readonly #dueMs: Float64Array
  readonly #ids: string[]
  readonly #first: number
  readonly latencies = new Histogram()
  heard = 0
  twice = 0
  repeated = 0
  lastMs = 0
  onAll: () => void = () => {}

  constructor(first: number, count: number) {
    this.#first = first
    this.#dueMs = new Float64Array(count)
    this.#ids = new Array(count)
  }

  sent(index: number, dueMs: number): void {
    this.#dueMs[index] = dueMs
  }

  hear(amount: number, messageId: string): void {
    const index = amount - this.#first
    if (!(index >= 0 && index < this.#dueMs.length)) return
    const known = this.#ids[index]
    if (known !== undefined) {
      if (known === messageId) this.repeated++
      else this.twice++
      return
    }
    this.#ids[index] = messageId
    this.lastMs = performance.now()
    this.latencies.add(this.lastMs - this.#dueMs[index]!)
    if (++this.heard === this.#dueMs.length) this.onAll()
  }
}

let nextAmount = 1_000
let run: Run | null = null

function onTold(payload: Buffer): string | null {
  const { message_id: id, amount, speak } = JSON.parse(payload.toString('utf8'))
  if (speak === true) run?.hear(amount, id)
  return typeof id === 'string' ? id : null
}

const boxes = counters.map(({ device, secret }) => new Box({ port, id: device, secret, onTold }))
let opened = 0

async function open(count: number): Promise<void> {
  while (opened < Math.min(count, boxes.length)) {
    const some = boxes.slice(opened, Math.min(count, opened + atOnce))
    await Promise.all(some.map(box => box.open()))
    opened += some.length
  }
}

async function pay(asked: {
  readonly count: number
  readonly perSecond: number
  readonly connections: number
}): Promise<Paid> {
  const { count, perSecond, connections } = asked
  const first = nextAmount
  nextAmount += count
  const mine = new Run(first, count)
  run = mine
  const all = new Promise<void>(resolve => {
    mine.onAll = resolve
  })
  const batch = callbacks({ counters: counters.slice(0, opened), secret, first, count })
  const beganMs = performance.now()
  const outcome = await load(http, batch, {
    connections,
    ...(perSecond === 0 ? {} : { perSecond }),
    onSend: (index, dueMs) => mine.sent(index, dueMs),
  })
  await Promise.race([all, pause(heardMsMax, undefined, { ref: false })])
  const { heard, twice, repeated, latencies, lastMs } = mine
  return {
    ...{ outcome, heard, twice, repeated },
    heardPerSecond: (heard / Math.max(1, lastMs - beganMs)) * 1_000,
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    maxMs: latencies.maxMs,
  }
}

async function again(): Promise<{ seconds: number }> {
  const beganMs = performance.now()
  const cut = boxes.slice(0, opened)
  for (const box of cut) box.cut()
  await Promise.all(cut.map(box => box.open()))
  return { seconds: (performance.now() - beganMs) / 1_000 }
}

/** Each box once in `everySeconds`, the boxes one after the other. */
async function beat(asked: {
  readonly seconds: number
  readonly everySeconds: number
}): Promise<{ beats: number }> {
  const beganMs = performance.now()
  const perMs = opened / asked.everySeconds / 1_000
  const total = Math.floor(perMs * asked.seconds * 1_000)
  const receipts: Promise<void>[] = []
  while (receipts.length < total) {
    const due = Math.min(total, Math.ceil((performance.now() - beganMs) * perMs))
    while (receipts.length < due) receipts.push(boxes[receipts.length % opened]!.beat())
    await pause(5)
  }
  await Promise.all(receipts)
  return { beats: total }
}

const control = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const number = (name: string) => Number(searchParams.get(name))
  const work: Record<string, () => Promise<unknown>> = {
    '/open': () => open(number('boxes')),
    '/pay': () =>
      pay({
        ...{ count: number('count'), perSecond: number('perSecond') },
        connections: number('connections'),
      }),
    '/mix': () =>
      runMix({
        ...{ target: http, counters, signer, secret, tag: `MIX${Date.now()}` },
        ...{ count: number('count'), connections: number('connections') },
      }),
    '/again': again,
    '/beat': () => beat({ seconds: number('seconds'), everySeconds: number('everySeconds') }),
  }
  const asked = work[pathname] ?? (() => Promise.reject(new Error('there is no such work')))
  asked().then(
    answer => response.end(JSON.stringify(answer ?? {})),
    cause => response.writeHead(500).end(String(cause)),
  )
})
control.listen(0, '127.0.0.1', () => {
  const { port } = control.address() as { port: number }
  console.log(JSON.stringify({ ready: true, http: `http://127.0.0.1:${port}` }))
})

/**
 * All who hold a page open, in one process, with the supplier of their numbers: one clock sees a
 * code come to us and its page show it. `PEOPLE` is a file of signers, `HTTP_PORT` and `SANDBOX`
 * say where. Over HTTP:
 *
 *   GET /open?pages=n                     so many pages are open, one for each signer, then again
 *   GET /rent?count=n                     the first so many rent a number each, until pages know it
 *   GET /codes?count=n&perSecond=n        codes for numbers that have none, until pages show them
 *   GET /walk?visitors=n&seconds=n        people who come by themselves (visitor.ts)
 *   GET /bare?port=n&pages=n              pages of a bare server instead (baseline/sockets.ts)
 *   GET /told?port=n&count=n&perSecond=n  codes for those
 *   GET /close                            all pages are closed
 *
 * BQD1. A code is shown when the right page hears it, once; what is not, is counted.
 * BQD2. Shown is measured from the first answer of the supplier that has the code.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { Histogram } from '../load/histogram.ts'
import { load, type Outcome } from '../load/load.ts'
import { random, type Signer, signature } from '../load/requests.ts'
import { batchOf, posted } from '../soundbox/callbacks.ts'
import { Letting } from './letting.ts'
import { type Heard, Page } from './page.ts'
import { type CallName, calls, Visitor } from './visitor.ts'

export type People = { readonly signers: readonly Signer[] }

export type Shown = {
  readonly sent: number
  readonly shown: number
  /** Shown again, on another page, or as another code. */
  readonly wrong: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export type Walked = {
  readonly visitors: number
  readonly through: number
  readonly oddities: readonly string[]
  readonly asked: number
  readonly p99Ms: Readonly<Record<CallName, number>>
  readonly shownP99Ms: number
  readonly seconds: number
}

const { signers } = JSON.parse(readFileSync(process.env['PEOPLE']!, 'utf8')) as People
const port = Number(process.env['HTTP_PORT'])
const sandboxUrl = process.env['SANDBOX']!
const target = { host: '127.0.0.1', port }
const letting = new Letting()
const supplier = await letting.listen()

const atOnce = 100
const connections = 32
const shownMsMax = 120_000
/** Rests of a visitor on his way. */
const rests = 6

/** Who rents: the page of one signer. */
class Renter {
  readonly number = Promise.withResolvers<string>()
  isCalled = false
  code = ''
  hear: (event: Heard) => void = () => {}

  onEvent(event: Heard): void {
    const { number } = event.data
    if (typeof number === 'string') this.number.resolve(number.replaceAll(/\D/g, ''))
    this.hear(event)
  }
}

const renters = signers.map(() => new Renter())
const pages: Page[] = []
let bare: Page[] = []
let lost = 0

async function open(count: number): Promise<{ pages: number; lost: number }> {
  while (pages.length < count) {
    const first = pages.length
    const some = Array.from({ length: Math.min(atOnce, count - first) }, (_, n) => {
      const at = first + n
      // Whoever has several pages open listens on the first of them.
      const renter = at < renters.length ? renters[at]! : null
      return Page.open({
        ...{ port, proof: signers[at % signers.length]!, from: fromOf(at) },
        onEvent: event => renter?.onEvent(event),
        onGone: () => lost++,
      })
    })
    pages.push(...(await Promise.all(some)))
  }
  return { pages: pages.length, lost }
}

const fromOf = (n: number): string => `10.0.${(n >> 8) & 255}.${n & 255}`

async function rent(count: number): Promise<Outcome> {
  const { services } = await read('/services')
  const list = services as readonly { readonly service_id: string }[]
  const path = '/api/v1/orders/create'
  const atSeconds = Math.floor(Date.now() / 1_000)
  const batch = batchOf(count, n => {
    const { service_id } = list[n % list.length]!
    const body = JSON.stringify({ service_id, country_id: 'indonesia', ref: `bench-${n}` })
    return posted(
      path,
      body,
      signature({ method: 'POST', path, body, signer: signers[n]!, atSeconds }),
    )
  })
  const outcome = await load(target, batch, { connections })
  await Promise.all(renters.slice(0, count).map(({ number }) => number.promise))
  return outcome
}

async function read(path: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`)
  if (!answer.ok) throw new Error(`bench: ${path}: ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { data: Readonly<Record<string, unknown>> }).data
}

/** Something for each of them by the clock. */
async function byTheClock(count: number, perSecond: number, work: (n: number) => void) {
  const began = performance.now()
  for (let n = 0; n < count; ) {
    const due = Math.min(count, Math.ceil(((performance.now() - began) * perSecond) / 1_000))
    while (n < due) work(n++)
    await pause(2)
  }
}

async function codes(count: number, perSecond: number): Promise<Shown> {
  const waits = new Histogram()
  const waiting: { readonly renter: Renter; readonly number: string }[] = []
  for (const renter of renters) {
    if (waiting.length === count) break
    if (!renter.isCalled) waiting.push({ renter, number: await renter.number.promise })
  }
  let shown = 0
  let wrong = 0
  const all = Promise.withResolvers<void>()
  await byTheClock(waiting.length, perSecond, n => {
    const { renter, number } = waiting[n]!
    renter.isCalled = true
    renter.code = letting.send(number)
    let isShown = false
    renter.hear = ({ name, data }) => {
      if (name !== 'order:otp_received') return
      if (isShown || data['otp'] !== renter.code) wrong++
      if (isShown) return
      isShown = true
      waits.add(performance.now() - letting.of(number)!.toldMs)
      if (++shown === waiting.length) all.resolve()
    }
  })
  await Promise.race([all.promise, pause(shownMsMax, undefined, { ref: false })])
  return shownOf({ sent: waiting.length, shown, wrong, waits })
}

const shownOf = ({ waits, ...rest }: Omit<Shown, `${string}Ms`> & { waits: Histogram }): Shown => ({
  ...rest,
  ...{ p50Ms: waits.quantileMs(0.5), p99Ms: waits.quantileMs(0.99), maxMs: waits.maxMs },
})

// -- the bare server ------------------------------------------------------------------------------

const onBare: ((event: Heard) => void)[] = []

async function openBare(port: number, count: number): Promise<{ pages: number }> {
  while (bare.length < count) {
    const first = bare.length
    const some = Array.from({ length: Math.min(atOnce, count - first) }, (_, n) => {
      const at = first + n
      return Page.open({
        ...{ port, proof: { key: `p${at}`, secret: 'secret' }, from: fromOf(at) },
        onEvent: event => onBare[at]?.(event),
        onGone: () => lost++,
      })
    })
    bare.push(...(await Promise.all(some)))
  }
  return { pages: bare.length }
}

async function tell(port: number, count: number, perSecond: number): Promise<Shown> {
  const http = new Pool(`http://127.0.0.1:${port}`, { connections })
  const waits = new Histogram()
  let shown = 0
  const all = Promise.withResolvers<void>()
  await byTheClock(count, perSecond, n => {
    const at = n % bare.length
    const began = performance.now()
    onBare[at] = () => {
      waits.add(performance.now() - began)
      if (++shown === count) all.resolve()
    }
    const asked = http.request({ method: 'GET', path: `/tell?to=p${at}&code=${n}` })
    void asked.then(told => told.body.dump(), all.reject)
  })
  await Promise.race([all.promise, pause(shownMsMax, undefined, { ref: false })])
  await http.close()
  return shownOf({ sent: count, shown, wrong: 0, waits })
}

function close(): void {
  for (const page of [...pages, ...bare]) page.close()
  pages.length = 0
  bare = []
}

// -- people who come by themselves ----------------------------------------------------------------

async function walk(visitors: number, seconds: number): Promise<Walked> {
  // Everybody has a connection of his own: nobody waits for another's answer.
  const http = new Pool(`http://127.0.0.1:${port}`, { connections: visitors })
  const waits = Object.fromEntries(calls.map(name => [name, new Histogram()]))
  const shownIn = new Histogram()
  const oddities: string[] = []
  const tag = `w${Date.now()}`
  const next = random(1)
  let through = 0
  const began = performance.now()
  const all: Visitor[] = []
  const walks: Promise<void>[] = []
  // Whoever begins first is on his way at least until the last one has begun.
  const pauseMs = (seconds * 1_000) / rests
  await byTheClock(visitors, visitors / seconds, n => {
    const visitor = new Visitor({
      ...{ http, port, sandboxUrl, letting, tag, n, pauseMs, random: next },
      onCall: (name, ms) => waits[name]!.add(ms),
      onCode: ms => shownIn.add(ms),
    })
    all.push(visitor)
    const walked = visitor.walk().then(
      () => void through++,
      (cause: Error) => void oddities.push(`visitor ${n}: ${cause.message}`),
    )
    walks.push(walked)
  })
  await Promise.all(walks)
  for (const visitor of all) visitor.close()
  await http.close()
  const p99 = calls.map(name => [name, waits[name]!.quantileMs(0.99)])
  return {
    ...{ visitors, through, oddities: oddities.slice(0, 5) },
    asked: calls.reduce((sum, name) => sum + waits[name]!.total, 0),
    ...{ p99Ms: Object.fromEntries(p99), shownP99Ms: shownIn.quantileMs(0.99) },
    seconds: (performance.now() - began) / 1_000,
  }
}

const control = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const number = (name: string) => Number(searchParams.get(name))
  const work: Record<string, () => Promise<unknown>> = {
    '/open': () => open(number('pages')),
    '/rent': () => rent(number('count')),
    '/codes': () => codes(number('count'), number('perSecond')),
    '/walk': () => walk(number('visitors'), number('seconds')),
    '/bare': () => openBare(number('port'), number('pages')),
    '/told': () => tell(number('port'), number('count'), number('perSecond')),
    '/close': async () => close(),
  }
  const asked = work[pathname] ?? (() => Promise.reject(new Error('there is no such work')))
  asked().then(
    answer => response.end(JSON.stringify(answer ?? {})),
    cause => response.writeHead(500).end(String(cause)),
  )
})
control.listen(0, '127.0.0.1', () => {
  const { port } = control.address() as { port: number }
  console.log(JSON.stringify({ ready: true, http: `http://127.0.0.1:${port}`, supplier }))
})

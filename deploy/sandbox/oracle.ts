/**
 * `/_sandbox`: what only a simulator can offer. The truth about sales, faults, clocks, accounts.
 * Never a part of any real party, and never limited by a party's latency or faults.
 *
 * X29. `sales` is an array of rows, whole or by page, and stays readable with half a million.
 * X30. A wish that can't be fulfilled is a 400 or 404 with a sentence that says what to do.
 * X31. `reset` forgets sales, faults and clocks, and keeps accounts unless asked to forget them.
 */

import { z } from 'zod/v4'
import { explain, faultsSchema } from './faults.ts'
import { frontPage } from './page.ts'
import type { Answer, Call, Party, Route } from './party.ts'
import { playPage } from './play-page.ts'
import { html, json, type Reply } from './reply.ts'
import type { SaleBook } from './sales.ts'
import type { Webhooks } from './webhook.ts'

type OracleParts = {
  readonly parties: ReadonlyMap<string, Party>
  readonly webhooks: Webhooks
  readonly url: () => string
}

const rowsPerChunk = 2_000
const pageRowsMax = 100_000

const clockSchema = z
  .strictObject({
    party: z.string().optional(),
    advance_ms: z.number().min(0).optional(),
    at: z.union([z.iso.datetime({ offset: true }), z.int().min(0)]).optional(),
  })
  .refine(wish => (wish.advance_ms === undefined) !== (wish.at === undefined), {
    message: 'give either advance_ms (milliseconds forward) or at (RFC 3339 or unix milliseconds)',
  })

const resetSchema = z.strictObject({
  party: z.string().optional(),
  accounts: z.boolean().default(false),
})

export class Oracle {
  readonly routes: readonly Route[]
  readonly #parts: OracleParts
  readonly #startedAt = Date.now()

  constructor(parts: OracleParts) {
    this.#parts = parts
    this.routes = [
      get('/', (_, reply) => reply.send(200, html, this.#page())),
      get('/_sandbox', (_, reply) => reply.send(200, html, this.#page())),
      get('/_sandbox/health', (_, reply) => reply.json(200, this.#health())),
      get('/_sandbox/sales', (call, reply) => this.#sales(call, reply)),
      get('/_sandbox/sales/summary', (call, reply) => this.#summary(call, reply)),
      get('/_sandbox/accounts', (_, reply) => reply.json(200, this.#accounts())),
      post('/_sandbox/accounts', (wish, reply) => this.#openAccount(wish, reply)),
      get('/_sandbox/faults', (call, reply) => this.#showFaults(call, reply)),
      post('/_sandbox/faults', (wish, reply) => this.#setFaults(wish, reply)),
      get('/_sandbox/clock', (_, reply) => reply.json(200, this.#clocks())),
      post('/_sandbox/clock', (wish, reply) => this.#moveClock(wish, reply)),
      post('/_sandbox/reset', (wish, reply) => this.#reset(wish, reply)),
      get('/_sandbox/numbers', (_, reply) => reply.json(200, this.#numbers())),
      get('/_sandbox/main', (_, reply) => reply.send(200, html, playPage)),
      get('/_sandbox/messages', (_, reply) => reply.json(200, this.#messages())),
      post('/_sandbox/otp', (wish, reply) => this.#act('otp', wish, reply)),
      post('/_sandbox/pay', (wish, reply) => this.#act('pay', wish, reply)),
      get('/_sandbox/payments', (call, reply) => this.#payments(call, reply)),
    ]
  }

  #health() {
    return {
      ok: true,
      sandbox: this.#parts.url(),
      pid: process.pid,
      uptime_ms: Date.now() - this.#startedAt,
      memory_mb: Math.round(process.memoryUsage.rss() / 1_048_576),
      callbacks: this.#parts.webhooks.counts(),
      parties: this.#each(party => ({
        party: party.name,
        kind: party.kind,
        url: `${this.#parts.url()}/${party.name}`,
        accounts: party.accounts().length,
        sales: party.sales.size,
        promises: party.clock.agenda.size,
      })),
    }
  }

  #page(): string {
    return frontPage(this.#parts.url(), [...this.#parts.parties.values()])
  }

  #accounts() {
    return [...this.#parts.parties.values()].flatMap(party => party.accounts())
  }

  #clocks() {
    return this.#each(({ name, clock }) => ({
      party: name,
      now: new Date(clock.now()).toISOString(),
      shift_ms: clock.shiftMs,
    }))
  }

  #messages() {
    return [...this.#parts.parties.values()].flatMap(party => party.messages?.() ?? [])
  }

  #numbers() {
    return [...this.#parts.parties.values()].flatMap(party => party.numbers?.() ?? [])
  }

  #sales(call: Call, reply: Reply) {
    const query = new URLSearchParams(call.query)
    const parties = this.#named(query.get('supplier') ?? query.get('party') ?? undefined)
    if ('wrong' in parties) return reply.json(404, parties)
    const ref = query.get('ref')
    if (ref !== null)
      return reply.json(
        200,
        parties.ok.flatMap(({ sales }) => sales.byRef(ref)),
      )
    const after = wholeIn(query, 'after', 0)
    const limit = wholeIn(query, 'limit', Number.MAX_SAFE_INTEGER)
    if (after === undefined || limit === undefined) {
      return reply.json(400, { wrong: 'after and limit are whole numbers from 0.' })
    }
    if ((query.has('after') || query.has('limit')) && parties.ok.length > 1) {
      return reply.json(400, { wrong: `after and limit need supplier, one of ${this.#names()}.` })
    }
    const books = parties.ok.map(party => party.sales)
    const rows = { after, limit: query.has('limit') ? Math.min(limit, pageRowsMax) : limit }
    streamRows(books, rows, reply)
  }

  #summary(call: Call, reply: Reply) {
    const query = new URLSearchParams(call.query)
    const parties = this.#named(query.get('supplier') ?? query.get('party') ?? undefined)
    if ('wrong' in parties) return reply.json(404, parties)
    const each = parties.ok.map(party => party.sales.summary())
    const total = {
      refs: 0,
      purchases: 0,
      by_status: { success: 0, pending: 0, failed: 0 },
      sold_more_than_once: 0,
      amount_success: 0,
    }
    for (const one of each) {
      total.refs += one.refs
      total.purchases += one.purchases
      total.sold_more_than_once += one.sold_more_than_once
      total.amount_success += one.amount_success
      total.by_status.success += one.by_status.success
      total.by_status.pending += one.by_status.pending
      total.by_status.failed += one.by_status.failed
    }
    reply.json(200, { ...total, parties: each })
  }

  #openAccount(wish: Wish, reply: Reply) {
    const name = typeof wish['party'] === 'string' ? wish['party'] : 'digiflazz'
    const party = this.#parts.parties.get(name)
    if (!party) return reply.json(404, { wrong: this.#unknown(name) })
    give(reply, party.openAccount(wish))
  }

  #showFaults(call: Call, reply: Reply) {
    const query = new URLSearchParams(call.query)
    const parties = this.#named(query.get('party') ?? query.get('supplier') ?? undefined)
    if ('wrong' in parties) return reply.json(404, parties)
    reply.json(
      200,
      Object.fromEntries(parties.ok.map(({ name, faults }) => [name, faults.current])),
    )
  }

  /** The wish is the whole description: what it does not name is at its default. */
  #setFaults({ party: name, supplier, ...wish }: Wish, reply: Reply) {
    const parties = this.#named(name ?? supplier)
    if ('wrong' in parties) return reply.json(404, parties)
    const faults = faultsSchema.safeParse(wish)
    if (!faults.success) {
      return reply.json(400, { wrong: explain(faults.error, Object.keys(faultsSchema.shape)) })
    }
    for (const party of parties.ok) party.faults.set(faults.data)
    reply.json(200, Object.fromEntries(parties.ok.map(({ name }) => [name, faults.data])))
  }

  #moveClock(wish: Wish, reply: Reply) {
    const parsed = clockSchema.safeParse(wish)
    if (!parsed.success) {
      return reply.json(400, { wrong: explain(parsed.error, ['party', 'advance_ms', 'at']) })
    }
    const { party: name, advance_ms, at } = parsed.data
    const parties = this.#named(name)
    if ('wrong' in parties) return reply.json(404, parties)
    for (const { clock } of parties.ok) {
      if (advance_ms !== undefined) clock.advance(advance_ms)
      else clock.moveTo(typeof at === 'number' ? at : Date.parse(at!))
    }
    reply.json(200, this.#clocks())
  }

  #reset(wish: Wish, reply: Reply) {
    const parsed = resetSchema.safeParse(wish)
    if (!parsed.success) {
      return reply.json(400, { wrong: explain(parsed.error, ['party', 'accounts']) })
    }
    const parties = this.#named(parsed.data.party)
    if ('wrong' in parties) return reply.json(404, parties)
    if (parsed.data.party === undefined) this.#parts.webhooks.clear()
    for (const party of parties.ok) party.reset({ accounts: parsed.data.accounts })
    reply.json(200, { ok: true, reset: parties.ok.map(party => party.name) })
  }

  #act(verb: 'otp' | 'pay', wish: Wish, reply: Reply) {
    const able = [...this.#parts.parties.values()].filter(party => party[verb])
    const name = wish['party']
    const takes = verb === 'pay' ? 'takesPay' : 'takesOtp'
    const meant = able.find(each => each[takes]?.(wish))
    const usual = able.find(each => each[takes] === undefined) ?? able[0]
    const party = name === undefined ? (meant ?? usual) : able.find(each => each.name === name)
    if (party) return give(reply, party[verb]!(wish))
    const names = able.map(each => each.name).join(', ') || 'none yet'
    reply.json(404, { wrong: `No party here takes "${verb}" (those that do: ${names}).` })
  }

  #payments(call: Call, reply: Reply) {
    const query = new URLSearchParams(call.query)
    const parties = this.#named(query.get('party') ?? undefined)
    if ('wrong' in parties) return reply.json(404, parties)
    const after = wholeIn(query, 'after', 0)
    const limit = wholeIn(query, 'limit', 1_000)
    if (after === undefined || limit === undefined) {
      return reply.json(400, { wrong: 'after and limit are whole numbers from 0.' })
    }
    const options = { after, limit, reference: query.get('reference') }
    reply.json(
      200,
      parties.ok.flatMap(party => party.payments?.(options) ?? []),
    )
  }

  #each<T>(view: (party: Party) => T): T[] {
    return [...this.#parts.parties.values()].map(view)
  }

  #names(): string {
    return [...this.#parts.parties.keys()].join(', ')
  }

  #unknown(name: unknown): string {
    return `There is no party "${String(name)}"; parties: ${this.#names()}.`
  }

  /** The party of that name, or all of them without a name. */
  #named(name: unknown): Answer<readonly Party[]> {
    if (name === undefined) return { ok: [...this.#parts.parties.values()] }
    const party = this.#parts.parties.get(String(name))
    return party ? { ok: [party] } : { wrong: this.#unknown(name) }
  }
}

type Wish = Readonly<Record<string, unknown>>

function get(path: string, handle: (call: Call, reply: Reply) => void): Route {
  return { method: 'get', path, handle }
}

function post(path: string, handle: (wish: Wish, reply: Reply) => void): Route {
  return {
    method: 'post',
    path,
    handle: (call, reply) => {
      const wish = wishIn(call.body)
      if (wish) handle(wish, reply)
      else reply.json(400, { wrong: 'The body must be a JSON object.' })
    },
  }
}

/** An empty body is an empty wish, so that `curl -X POST …/reset` does what it says. */
function wishIn(text: string): Wish | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Wish) : undefined
  } catch {
    return undefined
  }
}

function give(reply: Reply, answer: Answer<unknown>) {
  if ('wrong' in answer) reply.json(400, answer)
  else reply.json(200, answer.ok)
}

function wholeIn(query: URLSearchParams, name: string, otherwise: number): number | undefined {
  const text = query.get(name)
  if (text === null) return otherwise
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** One JSON array, row by row at the reader's pace: never the whole of it in memory. */
function streamRows(
  books: readonly SaleBook[],
  { after, limit }: { readonly after: number; readonly limit: number },
  reply: Reply,
) {
  const response = reply.takeOver()
  if (!response) return
  const chunks = chunksOf(books, after, limit)
  const writeOn = (): boolean => {
    let isFlowing = true
    while (isFlowing && !reply.isGone) {
      const { value, done } = chunks.next()
      if (done) {
        reply.isGone = true
        response.end(']')
        return true
      }
      isFlowing = response.write(value)
    }
    return isFlowing
  }
  response.onWritable(() => {
    let isFlowing = true
    response.cork(() => {
      isFlowing = writeOn()
    })
    return isFlowing
  })
  response.cork(() => {
    response.writeHeader('Content-Type', json)
    writeOn()
  })
}

function* chunksOf(
  books: readonly SaleBook[],
  after: number,
  limit: number,
): Generator<string, void> {
  let opening = '['
  for (const book of books) {
    for (let from = after; from < book.size && from - after < limit; from += rowsPerChunk) {
      const rows = book.page(from, Math.min(rowsPerChunk, limit - (from - after)))
      yield opening + rows.map(row => JSON.stringify(row)).join(',')
      opening = ','
    }
  }
  if (opening === '[') yield opening
}

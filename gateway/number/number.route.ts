/**
 * The number line over REST: choose an app, a country and an operator, rent a number, read its
 * codes, give it back.
 *
 *   catalogue, invoice link, help, settings   for anybody; who is known gets his own prices
 *   orders                                    for whoever is logged in or signs
 *
 * NRA1. An order that is asked for again with the same word is the same order: the word is `ref`,
 *       or the Idempotency-Key; without either it is an order of its own.
 * NRA2. Prices are those with our markup; what a number costs us is in no answer.
 * NRA3. So many orders, and so many other requests, per client and minute; and so many per address
 *       where nobody has to log in. What was refused for its rate did nothing.
 * NRA4. An invoice link is opened by its word alone. A wrong word, one that ended, and what can't
 *       be one are refused alike, and an address may be wrong so often only.
 * NRA5. Whoever opens the help link is told where it leads, logged in or not.
 * NRA6. A code that may not be shown any more is null, never a word that could be taken for one.
 * NRA7. Where the demo's world outside is played is told in the demo, and is null elsewhere.
 * NRA8. How old the catalogue is, is told; it is null while nothing was read yet.
 * NRA9. The link of an order can be asked for again; only asking for another one ends it.
 */

import { randomUUID } from 'node:crypto'
import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { ActivationView } from '../../services/contract/number.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import { neighbour, proofIn } from '../auth.ts'
import { admitAnybody } from '../bearer.ts'
import { type Client, type Edge, guarded } from '../edge.ts'
import { AddressBuckets } from '../limits.ts'
import type { Line } from '../lines.ts'
import { okPacked } from '../packed.ts'
import {
  isJson,
  limitShape,
  priceLimitShape,
  readBody,
  readQuery,
  readShape,
  refShape,
  toIso,
  trxIdShape,
} from '../reading.ts'
import type { Asked, Router, Verb } from '../router.ts'
import { placeOf } from '../session.route.ts'
import { activationText, numberOkText, numberRefusalText } from '../text/number.id.ts'

/** Ids of the catalogue are the suppliers' and ours in one: printable, short, without spaces. */
const catalogueId = z.string().regex(/^[\x21-\x7e]{1,64}$/)

export const servicePaging = z.object({
  search: z.string().trim().max(60).default(''),
  limit: limitShape(500, 100),
  after: catalogueId.optional(),
})

export const operatorPicking = z.object({ service_id: catalogueId })

export const renting = z.object({
  service_id: catalogueId,
  country_id: catalogueId,
  operator_id: catalogueId.default('any'),
  /** What the person saw and agreed to; above it nothing is bought. */
  max_price: priceLimitShape.optional(),
  ref: refShape.optional(),
})

const statuses = [
  ...(['processing', 'waiting', 'otp_received', 'finished'] as const),
  ...(['cancelling', 'refunded', 'expired', 'checking'] as const),
] as const

export const orderPaging = z.object({
  cursor: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/)
    .optional(),
  limit: limitShape(100, 20),
  status: z.enum(statuses).optional(),
})

export const helping = z.object({
  where: z.string().regex(/^[\w:./-]{1,40}$/),
  id: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .optional(),
})

/** 128 random bits. */
const invoiceWord = /^[\w-]{22}$/

/** What a visitor without a login is priced as. */
const publicLevel = 0

export const numberLine: Line = (router, edge) => {
  const doors = new Doors(router, edge)
  catalogue(doors, edge)
  orders(doors, edge)
  invoices(doors, edge)

  doors.anybody('post', '/api/v1/help', (visit, client, asked) => {
    const body = bodyOf(visit, asked, helping)
    if (body === undefined) return
    const words = { where: body.where, about: body.id ?? null, address: neighbour(edge, visit) }
    const userId = client?.userId ?? null
    doors.ask(
      visit,
      client,
      () => edge.call('help.ask', { userId, ...words }),
      told => visit.ok(numberOkText.help, JSON.stringify(told)),
    )
  })

  doors.anybody('get', '/api/v1/app-settings', (visit, client) =>
    doors.ask(
      visit,
      client,
      () => edge.call('help.settings', {}),
      ({ name, helpUrl, resendsMax, waitMinutes }) =>
        visit.ok(
          numberOkText.settings,
          JSON.stringify({
            ...{ name, help_url: helpUrl },
            ...{ resends_max: resendsMax, wait_minutes: waitMinutes },
            play_url: edge.playUrl,
          }),
        ),
    ),
  )
}

/** Who is let in at which pace. */
class Doors {
  readonly #router: Router
  readonly #edge: Edge
  readonly #visitors: AddressBuckets
  readonly #clients: AddressBuckets
  readonly #buyers: AddressBuckets

  constructor(router: Router, edge: Edge) {
    const { publicPerMin, numberOrdersPerMin } = edge.limits
    this.#router = router
    this.#edge = edge
    this.#visitors = new AddressBuckets(publicPerMin)
    this.#clients = edge.paces.client
    this.#buyers = new AddressBuckets(numberOrdersPerMin)
  }

  /** For those who have proven who they are. */
  client(
    verb: Verb,
    path: string,
    serve: (visit: Visit, client: Client, asked: Asked) => void,
    { buying = false } = {},
  ) {
    const guard = (visit: Visit, client: Client, asked: Asked): void => {
      const spent = buying ? this.#buyers : this.#clients
      if (this.#mayGo(visit, spent, client.userId)) serve(visit, client, asked)
    }
    const speak = (visit: Visit) => {
      visit.sentences = numberRefusalText
    }
    this.#router.signed(verb, path, guard, { speak, consumers: true })
  }

  /** For everybody; a proof that is brought has to be a good one. */
  anybody(
    verb: Verb,
    path: string,
    serve: (visit: Visit, client: Client | null, asked: Asked) => void,
  ) {
    this.#router.open(verb, path, (visit, asked) => {
      visit.sentences = numberRefusalText
      visit.takesConsumers = true
      const proof = proofIn(asked.headers)
      if (proof.key !== '' || proof.token !== '') {
        return admitAnybody(this.#edge, visit, proof, asked.body, (_, client) => {
          if (!this.#mayGo(visit, this.#clients, client.userId)) return
          guarded(this.#edge, visit, () => serve(visit, client, asked))
        })
      }
      if (this.#mayGo(visit, this.#visitors, neighbour(this.#edge, visit))) {
        serve(visit, null, asked)
      }
    })
  }

  ask<T>(
    visit: Visit,
    client: Client | null,
    call: () => Promise<Answer<T>>,
    then: (ok: T) => void,
  ) {
    ask(this.#edge, visit, client?.userId ?? neighbour(this.#edge, visit), call, then)
  }

  #mayGo(visit: Visit, buckets: AddressBuckets, who: string): boolean {
    const waitMs = buckets.take(who, this.#edge.now())
    if (waitMs > 0) visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs, moneyEffect: 'none' })
    return waitMs === 0
  }
}

const priced = (client: Client | null) => ({
  userId: client?.userId ?? null,
  level: client?.level ?? publicLevel,
})

function catalogue(doors: Doors, edge: Edge) {
  doors.anybody('get', '/api/v1/services', (visit, client, { headers }) => {
    const asked = readQuery(visit, servicePaging)
    if (asked === undefined) return
    const { search, limit, after = '' } = asked
    doors.ask(
      visit,
      client,
      () => edge.call('number.services', { ...priced(client), search, limit, after }),
      ({ services, next, asOf }) =>
        okPacked(
          visit,
          numberOkText.services,
          JSON.stringify({
            services: services.map(one => ({
              ...{ service_id: one.serviceId, name: one.name, also: one.also },
              ...{ from_price: one.fromPrice, stock: one.stock },
            })),
            next,
            as_of: asOf === null ? null : toIso(asOf),
          }),
          headers['accept-encoding'] ?? '',
        ),
    )
  })

  doors.anybody('get', '/api/v1/countries/:serviceId', (visit, client, { params, headers }) => {
    const serviceId = readShape(visit, params[0], catalogueId)
    if (serviceId === undefined) return
    doors.ask(
      visit,
      client,
      () => edge.call('number.countries', { ...priced(client), serviceId }),
      ({ countries, asOf }) =>
        okPacked(
          visit,
          numberOkText.countries,
          JSON.stringify({
            countries: countries.map(one => ({
              ...{ country_id: one.countryId, name: one.name, also: one.also, price: one.price },
              ...{ stock: one.stock, success_rate: one.successRate, stale: one.stale },
            })),
            as_of: asOf === null ? null : toIso(asOf),
          }),
          headers['accept-encoding'] ?? '',
        ),
    )
  })

  doors.anybody('get', '/api/v1/operators/:countryCode', (visit, client, { params }) => {
    const countryId = readShape(visit, params[0], catalogueId)
    if (countryId === undefined) return
    const asked = readQuery(visit, operatorPicking)
    if (asked === undefined) return
    const wish = { ...priced(client), serviceId: asked.service_id, countryId }
    doors.ask(
      visit,
      client,
      () => edge.call('number.operators', wish),
      ({ operators }) =>
        visit.ok(
          numberOkText.operators,
          JSON.stringify({
            operators: operators.map(one => ({
              ...{ operator_id: one.operatorId, name: one.name },
              ...{ price: one.price, stock: one.stock },
            })),
          }),
        ),
    )
  })
}

function orders(doors: Doors, edge: Edge) {
  const create = (visit: Visit, client: Client, asked: Asked): void => {
    const body = bodyOf(visit, asked, renting)
    if (body === undefined) return
    const ref = readShape(
      visit,
      body.ref ?? (asked.headers['idempotency-key'] || randomUUID()),
      refShape,
    )
    if (ref === undefined) return
    const { userId, level } = client
    const wish = {
      ...{ userId, level, ref, serviceId: body.service_id, countryId: body.country_id },
      ...{ operatorId: body.operator_id, maxPrice: body.max_price ?? null },
      address: neighbour(edge, visit),
    }
    doors.ask(
      visit,
      client,
      () => edge.call('number.create', wish),
      ({ order, invoice, balance }) => {
        const link = { invoice_url: linkOf(edge, invoice), balance_remaining: balance }
        visit.ok(activationText[order.status], JSON.stringify({ ...told(order), ...link }))
      },
    )
  }
  doors.client('post', '/api/v1/orders/create', create, { buying: true })

  doors.client('get', '/api/v1/orders/history', (visit, client) => {
    const asked = readQuery(visit, orderPaging)
    if (asked === undefined) return
    const { cursor = null, limit, status = null } = asked
    const { userId } = client
    doors.ask(
      visit,
      client,
      () => edge.call('number.list', { userId, cursor, limit, status }),
      ({ orders: rows, next }) => {
        const isEmpty = rows.length === 0 && cursor === null
        visit.ok(
          isEmpty ? numberOkText.nothing : numberOkText.history,
          JSON.stringify({ rows: rows.map(told), next_cursor: next }),
        )
      },
    )
  })

  doors.client('get', '/api/v1/orders/active', (visit, client) =>
    doors.ask(
      visit,
      client,
      () => edge.call('number.active', { userId: client.userId }),
      rows => visit.ok(numberOkText.active, JSON.stringify({ rows: rows.map(told) })),
    ),
  )

  const one = (
    verb: Verb,
    path: string,
    action: 'number.get' | 'number.cancel' | 'number.resend',
    sentence?: string,
  ): void =>
    doors.client(verb, path, (visit, client, { params }) => {
      const orderId = idOf(visit, params)
      if (orderId === null) return
      doors.ask(
        visit,
        client,
        () => edge.call(action, { userId: client.userId, orderId }),
        order => visit.ok(sentence ?? activationText[order.status], JSON.stringify(told(order))),
      )
    })
  one('get', '/api/v1/orders/:id', 'number.get')
  one('post', '/api/v1/orders/:id/cancel', 'number.cancel')
  one('post', '/api/v1/orders/:id/resend', 'number.resend', numberOkText.resent)

  const path = '/api/v1/orders/:id/invoice'
  const linked = (visit: Visit, orderId: string, sentence: string) => (told: Linked) =>
    visit.ok(
      sentence,
      JSON.stringify({ order_id: orderId, invoice_url: linkOf(edge, told.invoice) }),
    )
  doors.client('get', path, (visit, client, { params }) => {
    const orderId = idOf(visit, params)
    if (orderId === null) return
    const call = () => edge.call('number.link', { userId: client.userId, orderId })
    doors.ask(visit, client, call, linked(visit, orderId, numberOkText.link))
  })
  doors.client('post', path, (visit, client, asked) => {
    const orderId = idOf(visit, asked.params)
    if (orderId === null) return
    const { address } = placeOf(edge, visit, asked)
    const wish = { userId: client.userId, orderId, address }
    const call = () => edge.call('number.relink', wish)
    doors.ask(visit, client, call, linked(visit, orderId, numberOkText.relinked))
  })
}

type Linked = { readonly invoice: string }

function invoices(doors: Doors, edge: Edge) {
  const misses = new AddressBuckets(edge.limits.invoiceMissesPerMin)
  doors.anybody('get', '/api/v1/invoices/:word', (visit, client, { params: [word = ''] }) => {
    const from = neighbour(edge, visit)
    const miss = (): void => {
      const waitMs = misses.take(from, edge.now())
      if (waitMs > 0) visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
      else visit.refuse('NOT_FOUND')
    }
    if (misses.isEmpty(from, edge.now()) || !invoiceWord.test(word)) return miss()
    doors.ask(
      visit,
      client,
      async (): Promise<Answer<ActivationView | null>> => {
        const answer = await edge.call('number.invoice', { word })
        return 'refused' in answer ? { ok: null } : answer
      },
      order => {
        if (order === null) return miss()
        const { ref_id: _, ...shown } = told(order)
        visit.ok(activationText[order.status], JSON.stringify(shown))
      },
    )
  })
}

function bodyOf<T>(visit: Visit, asked: Asked, shape: z.ZodType<T>): T | undefined {
  if (isJson(asked.headers['content-type'] ?? '')) return readBody(visit, asked.body, shape)
  visit.refuse('CONTENT_TYPE_UNSUPPORTED', { moneyEffect: 'none' })
  return undefined
}

/** Null when the visit has been answered. */
function idOf(visit: Visit, [id = '']: readonly string[]): string | null {
  if (trxIdShape.test(id)) return id
  visit.refuse('NOT_FOUND')
  return null
}

const linkOf = ({ publicUrl }: Edge, word: string): string =>
  `${publicUrl.replace(/\/$/, '')}/nomor/#/i/${word}`

const told = (order: ActivationView) => ({
  order_id: order.orderId,
  ref_id: order.ref,
  status: order.status,
  service_id: order.serviceId,
  service_name: order.serviceName,
  country_id: order.countryId,
  country_name: order.countryName,
  operator_id: order.operatorId,
  number: order.number,
  price: order.price,
  money_effect: order.moneyEffect,
  otp: order.otp,
  messages: order.messages.map(({ text, code, receivedAt, late }) => ({
    ...{ text, code, late },
    received_at: toIso(receivedAt),
  })),
  resends_left: order.resendsLeft,
  awaiting_next: order.awaitsNext,
  expires_at: order.expiresAt === null ? null : toIso(order.expiresAt),
  why: order.why,
  created_at: toIso(order.createdAt),
  updated_at: toIso(order.updatedAt),
})

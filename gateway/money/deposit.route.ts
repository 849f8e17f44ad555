/**
 * Paying in through a payment gateway: which ways there are, one deposit made, looked at, given up,
 * had at once. For consumers and resellers alike.
 *
 * GWK1. A deposit that is asked for again with the same word is the same deposit: the word is
 *       `ref`, or the Idempotency-Key; without either it is a deposit of its own.
 * GWK2. What is shown as deposit_id is the gateway's own id, and ours only until there is one; both
 *       are found again.
 * GWK3. A client looks at deposits ten times a minute, and asks so much else only; what was refused
 *       for its rate did nothing.
 * GWK4. A webhook of a gateway is answered at once and proves nothing: a forged one is 401, and
 *       whatever else it says makes us ask at most.
 * GWK5. The sentence says how the deposit stands now: where a gateway keeps silent nobody is asked
 *       to pay, and who gives up what was paid meanwhile is not told that no money moved.
 */

import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { DepositMethod, IntentView } from '../../services/contract/deposit.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import { neighbour } from '../auth.ts'
import { type Client, type Edge, guarded } from '../edge.ts'
import { AddressBuckets } from '../limits.ts'
import type { Line } from '../lines.ts'
import {
  limitShape,
  readBody,
  readQuery,
  readShape,
  refShape,
  rupiahShape,
  toIso,
  trxIdShape,
} from '../reading.ts'
import type { Asked, Router, Verb } from '../router.ts'
import { placeOf } from '../session.route.ts'
import { machineText } from '../text/machine.id.ts'
import { depositOkText, depositStandText } from '../text/wallet.id.ts'

export const depositing = z.object({
  amount: rupiahShape,
  metode: z.string().regex(/^[\w.-]{1,40}$/),
  ref: refShape.optional(),
})

export const intentStatuses = [
  ...(['pending', 'processing', 'success', 'expired', 'cancel', 'checking'] as const),
] as const

export const depositPaging = z.object({
  status: z.enum(intentStatuses).optional(),
  cursor: z.string().regex(trxIdShape).optional(),
  limit: limitShape(100, 20),
})

export const drawing = z.object({
  action: z.enum(['quote', 'take']),
  /** The fee that was shown; above it nothing is taken. */
  fee_max: z.int().min(0).optional(),
})

/** The gateway's id, or ours. */
export const depositIdShape = z.string().regex(/^[\w.-]{1,64}$/)

export const depositIntents: Line = (router, edge) => {
  const doors = new Doors(router, edge)

  doors.open('get', '/api/v1/deposit/metode', (visit, { userId }) =>
    ask(
      edge,
      visit,
      userId,
      () => edge.call('intent.methods', {}),
      ({ methods }) =>
        visit.ok(depositOkText.methods, JSON.stringify({ methods: methods.map(methodOf) })),
    ),
  )

  doors.open('post', '/api/v1/deposit/create', (visit, { userId }, asked) => {
    const { headers, body } = asked
    const key = headers['idempotency-key']
    const wish = readBody(visit, body, depositing)
    if (wish === undefined) return
    const ref = wish.ref ?? (key === undefined ? undefined : readShape(visit, key, refShape))
    if (visit.over) return
    const { amount, metode: method } = wish
    const { address } = placeOf(edge, visit, asked)
    const params = { userId, amount, method, address, ...(ref === undefined ? {} : { ref }) }
    doors.tell(visit, userId, standOf, () => edge.call('intent.create', params))
  })

  doors.open('get', '/api/v1/deposit/history', (visit, { userId }) => {
    const asked = readQuery(visit, depositPaging)
    if (asked === undefined) return
    const { status, cursor, limit } = asked
    const params = {
      ...{ userId, limit },
      ...(status === undefined ? {} : { status }),
      ...(cursor === undefined ? {} : { cursor }),
    }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('intent.list', params),
      ({ rows, next }) =>
        visit.ok(
          depositOkText.history,
          JSON.stringify({ rows: rows.map(depositOf), next_cursor: next }),
        ),
    )
  })

  doors.look('/api/v1/deposit/:id', (visit, { userId }, id) =>
    doors.tell(
      visit,
      userId,
      () => depositOkText.one,
      () => edge.call('intent.get', { userId, id }),
    ),
  )

  doors.open('post', '/api/v1/deposit/:id/cancel', (visit, { userId }, asked) => {
    const [id = ''] = asked.params
    if (!depositIdShape.safeParse(id).success) return visit.refuse('NOT_FOUND')
    const { address } = placeOf(edge, visit, asked)
    const call = () => edge.call('intent.cancel', { userId, id, address })
    doors.tell(visit, userId, givenUp, call)
  })

  doors.open('post', '/api/v1/deposit/:id/instant', (visit, { userId }, asked) => {
    const [id = ''] = asked.params
    if (!depositIdShape.safeParse(id).success) return visit.refuse('NOT_FOUND')
    const wish = readBody(visit, asked.body, drawing)
    if (wish === undefined) return
    const { action, fee_max: feeMax } = wish
    const { address } = placeOf(edge, visit, asked)
    const params = { userId, id, action, address, ...(feeMax === undefined ? {} : { feeMax }) }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('intent.instant', params),
      ({ fee, received, deposit }) =>
        visit.ok(
          action === 'quote' ? depositOkText.quoted : depositOkText.taken,
          JSON.stringify({ instant_fee: fee, received, deposit: depositOf(deposit) }),
        ),
    )
  })

  takeCallbacks(router, edge)
}

/** Who is let in at which pace. */
class Doors {
  readonly #router: Router
  readonly #edge: Edge
  readonly #asks: AddressBuckets
  readonly #looks: AddressBuckets

  constructor(router: Router, edge: Edge) {
    this.#router = router
    this.#edge = edge
    this.#asks = edge.paces.client
    this.#looks = new AddressBuckets(edge.limits.depositLooksPerMin)
  }

  open(
    verb: Verb,
    path: string,
    serve: (visit: Visit, client: Client, asked: Asked) => void,
    buckets = this.#asks,
  ): void {
    this.#router.signed(
      verb,
      path,
      (visit, client, asked) => {
        const waitMs = buckets.take(client.userId, this.#edge.now())
        if (waitMs === 0) return serve(visit, client, asked)
        visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs, moneyEffect: 'none' })
      },
      { consumers: true },
    )
  }

  look(path: string, serve: (visit: Visit, client: Client, id: string) => void): void {
    const guard = (visit: Visit, client: Client, { params: [id = ''] }: Asked): void => {
      if (depositIdShape.safeParse(id).success) serve(visit, client, id)
      else visit.refuse('NOT_FOUND')
    }
    this.open('get', path, guard, this.#looks)
  }

  tell(
    visit: Visit,
    userId: string,
    sentenceOf: (deposit: IntentView) => string,
    call: () => Promise<Answer<IntentView>>,
  ): void {
    ask(this.#edge, visit, userId, call, deposit =>
      visit.ok(sentenceOf(deposit), JSON.stringify(depositOf(deposit))),
    )
  }
}

const standOf = ({ status }: IntentView): string => depositStandText[status]
/** Whoever gave up may have been paid for meanwhile: then that is what he hears. */
const givenUp = ({ status }: IntentView): string =>
  status === 'cancel' ? depositOkText.cancelled : depositStandText[status]

const methodOf = ({ method, feeBps, fee, ...rest }: DepositMethod) => ({
  ...{ metode: method, name: rest.name, type: rest.kind, min: rest.min, max: rest.max, fee },
  fee_percent: feeBps === null ? null : feeBps / 100,
})

export const depositOf = (deposit: IntentView) => ({
  deposit_id: deposit.depositId ?? deposit.intentId,
  intent_id: deposit.intentId,
  ref: deposit.ref,
  status: deposit.status,
  metode: deposit.method,
  requested: deposit.wished,
  amount: deposit.amount,
  fee: deposit.fee,
  received: deposit.received,
  qr_string: deposit.pay['qr_string'] ?? null,
  qr_image: deposit.pay['qr_image'] ?? null,
  pay_url: deposit.pay['url'] ?? null,
  bank: deposit.pay['bank'] ?? null,
  account_number: deposit.pay['number'] ?? null,
  account_holder: deposit.pay['holder'] ?? null,
  instant: deposit.instant,
  why: deposit.why,
  expires_at: deposit.expiresAt === null ? null : toIso(deposit.expiresAt),
  paid_at: deposit.paidAt === null ? null : toIso(deposit.paidAt),
  created_at: toIso(deposit.createdAt),
  updated_at: toIso(deposit.updatedAt),
})

/** Gateways that call back, each at an address of its own. */
const callers = ['atlantic'] as const

function takeCallbacks(router: Router, edge: Edge): void {
  const addresses = new AddressBuckets(edge.limits.callbacksPerMin)
  for (const gateway of callers) {
    router.open('post', `/api/v1/callbacks/${gateway}`, (visit, { headers, body }) => {
      if (edge.stopping) return visit.refuse('STOPPING')
      const waitMs = addresses.take(neighbour(edge, visit), edge.now())
      if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
      const seat = `gateway:${gateway}`
      if (!edge.flights.enter(seat)) return visit.refuse('OVERLOADED')
      const { 'x-atl-signature': signature = '' } = headers
      const told = { headers: { 'x-atl-signature': signature }, body: body.toString('base64') }
      edge.call('intent.callback', { gateway, ...told }).then(
        ({ verdict }) => {
          edge.flights.leave(seat)
          guarded(edge, visit, () => {
            if (verdict === 'forged') visit.refuse('SIGNATURE_INVALID')
            else if (verdict === 'unknown') visit.refuse('NOT_FOUND')
            else if (verdict === 'unavailable') visit.refuse('OVERLOADED')
            else visit.ok(machineText.callback, `{"verdict":"${verdict}"}`)
          })
        },
        error => {
          edge.flights.leave(seat)
          edge.onFault(error, visit.id)
          visit.refuse('JOURNAL_UNAVAILABLE')
        },
      )
    })
  }
}

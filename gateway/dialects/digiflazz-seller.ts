/**
 * Our server plugged into Digiflazz as one of its sellers: Digiflazz buys from us, over its own
 * JSON form, and asks for a status by sending the same ref_id again.
 *
 *   {username, ref_id, customer_id, product_code, sign = md5(username + key + ref_id)}
 *   ─▶ {"data":{ref_id, status, code, customer_id, price, message, balance, tr_id, rc, sn}}
 *
 * OTZ1. Everything in an answer is text; status is "0" under way, "1" done, "2" failed.
 * OTZ2. A ref_id sent again is the same order, never a second one; with other content it is told as
 *       under way, because the order of that ref_id may be.
 * OTZ3. Failed is said only of what the services refused or saw fail, and of who is not let in.
 * OTZ4. `commands: "checkstatus"` (signed with the word cs) only looks; what is not there is rc 06.
 * OTZ5. Any Content-Type is read as JSON, and every answer has the data envelope.
 * OTZ6. A repeat is the question for an order that may be under way: who is suspended, or calls
 *       from an address that is not listed, is told 204 only of what was never placed. From there
 *       an order is under way and nothing more.
 */

import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { OrderBrief } from '../../services/contract/order-view.ts'
import type { RefusalCode, Rupiah } from '../../services/contract/words.ts'
import {
  type SellerRc as Rc,
  sellerData,
  sellerRcOf,
} from '../../services/wire/digiflazz-seller.ts'
import { addressOf } from '../address.ts'
import { type HttpStatus, json, type Visit } from '../answer.ts'
import { neighbour, standingOf } from '../auth.ts'
import { type Client, type Edge, serving } from '../edge.ts'
import type { Entry } from '../keyring.ts'
import type { Line } from '../lines.ts'
import { destinationShape, productShape, refShape } from '../reading.ts'
import { parseStrict } from '../strict-json.ts'
import { signOf } from './digiflazz.ts'
import { isSame } from './otomax-sign.ts'

const signedShape = {
  username: z.string().regex(/^[\w.@-]{1,64}$/),
  sign: z.string().max(64),
  ref_id: refShape,
}
export const buying = z.object({
  ...signedShape,
  commands: z.enum(['', 'topup']).optional(),
  customer_id: destinationShape,
  product_code: productShape,
})
export const checking = z.object({ ...signedShape, commands: z.literal('checkstatus') })

type About = {
  readonly ref_id?: string
  readonly product_code?: string
  readonly customer_id?: string
}

export const sellToDigiflazz: Line = (router, edge) => {
  router.open('post', '/h2h/seller/digiflazz', (visit, { body }) => {
    visit.dialect = () => say(visit, '39', {}, { http: 503 })
    if (edge.stopping) return say(visit, '39', {}, { http: 503 })
    const parsed = parseStrict(body)
    if ('problem' in parsed) return say(visit, '07', {}, { http: 400 })
    const check = checking.safeParse(parsed.value)
    if (check.success) {
      const { ref_id: ref } = check.data
      return admit(edge, visit, check.data, 'cs', false, ({ userId }) =>
        inquire(
          edge,
          visit,
          userId,
          check.data,
          () => edge.call('order.byRef', { userId, ref }),
          order => tell(visit, order, { ref_id: ref }),
        ),
      )
    }
    const wish = buying.safeParse(parsed.value)
    if (!wish.success) return say(visit, '07', {}, { http: 400 })
    const { ref_id: ref, product_code: product, customer_id: destination } = wish.data
    admit(edge, visit, wish.data, ref, true, ({ userId, level }) =>
      inquire(
        edge,
        visit,
        userId,
        wish.data,
        () => edge.call('order.place', { userId, level, ref, product, destination }),
        ({ order, balance }) => tell(visit, order, wish.data, balance),
      ),
    )
  })
}

type Signed = { readonly username: string; readonly sign: string } & About

/** Lets a proven reseller through to `then`; answers everybody else. */
function admit(
  edge: Edge,
  visit: Visit,
  asked: Signed,
  covers: string,
  ordering: boolean,
  then: (client: Client) => void,
) {
  const meet = (entry: Entry<'identity.digiflazz'> | null) => {
    if (entry === null) return fail(edge, visit, asked)
    const { card } = entry
    if (!isSame(asked.sign, signOf(card.username + card.apiKey + covers)))
      return fail(edge, visit, asked)
    const address = () => addressOf(visit.res, visit.forwarded, edge.proxies)
    const standing = standingOf(entry, address)
    const spends = ordering && standing === null ? entry.orders : entry.reads
    const waitMs = spends.take(edge.now())
    if (waitMs > 0) return say(visit, '39', asked, { http: 429, retryAfterMs: waitMs })
    if (standing === null) then(card)
    else tellBarred(edge, visit, card, { asked, isElsewhere: standing === 'FORBIDDEN' })
  }
  const known = edge.resellers.peek(asked.username)
  if (known !== undefined) return meet(known)
  if (edge.failures.isEmpty(neighbour(edge, visit), edge.now())) return fail(edge, visit, asked)
  edge.resellers
    .look(asked.username)
    .then(entry => {
      if (!visit.over) serving(edge, visit, () => meet(entry))
    })
    .catch(error => {
      edge.onFault(error, visit.id)
      say(visit, '39', asked, { http: 503 })
    })
}

function fail(edge: Edge, visit: Visit, about: About) {
  const waitMs = edge.failures.take(neighbour(edge, visit), edge.now())
  if (waitMs > 0) say(visit, '39', about, { http: 429, retryAfterMs: waitMs })
  else say(visit, '204', about)
}

function tellBarred(
  edge: Edge,
  visit: Visit,
  { userId }: Client,
  { asked, isElsewhere }: { readonly asked: Signed; readonly isElsewhere: boolean },
) {
  const { ref_id: ref = '', product_code: product, customer_id: destination } = asked
  const call = async (): Promise<Answer<OrderBrief | null>> => {
    const found = await edge.call('order.byRef', {
      ...{ userId, ref },
      ...(product === undefined ? {} : { product }),
      ...(destination === undefined ? {} : { destination }),
    })
    return 'refused' in found && found.refused === 'NOT_FOUND' ? { ok: null } : found
  }
  inquire(edge, visit, userId, asked, call, order => {
    if (order === null) say(visit, '204', asked)
    else if (isElsewhere) say(visit, '39', asked)
    else tell(visit, order, asked)
  })
}

function inquire<T>(
  edge: Edge,
  visit: Visit,
  userId: string,
  about: About,
  call: () => Promise<Answer<T>>,
  then: (ok: T) => void,
) {
  if (!edge.flights.enter(userId)) return say(visit, '39', about, { http: 503 })
  call()
    .finally(() => edge.flights.leave(userId))
    .then(answer => {
      if ('ok' in answer) then(answer.ok)
      else if ('refused' in answer) say(visit, rcOfRefusal[answer.refused] ?? '39', about)
      else say(visit, '39', about, { http: 503, retryAfterMs: answer.retryAfterMs })
    })
    .catch(error => {
      edge.onFault(error, visit.id)
      say(visit, '39', about, { http: 503 })
    })
}

/** What is missing here says nothing about the order of this ref_id: under way. */
const rcOfRefusal: Readonly<Partial<Record<RefusalCode, Rc>>> = {
  INSUFFICIENT_BALANCE: '07',
  TWIN_ORDER: '07',
  PRICE_ABOVE_MAX: '07',
  PRODUCT_UNKNOWN: '20',
  PRODUCT_CLOSED: '106',
  PRODUCT_UNSUPPLIED: '106',
  DESTINATION_INVALID: '14',
  PREFIX_MISMATCH: '14',
  CLIENT_SUSPENDED: '204',
  NOT_FOUND: '06',
}

function tell(visit: Visit, order: OrderBrief, about: About, balance?: Rupiah) {
  const found = { product_code: order.product, customer_id: order.destination, ...about }
  say(visit, sellerRcOf(order), found, {}, { order, balance })
}

type Manner = { readonly http?: HttpStatus; readonly retryAfterMs?: number }
type Known = { readonly order?: OrderBrief; readonly balance?: Rupiah | undefined }

function say(
  visit: Visit,
  rc: Rc,
  about: About,
  { http = 200, retryAfterMs = 1_000 }: Manner = {},
  known: Known = {},
) {
  const data = sellerData(rc, about, known)
  const headers: Record<string, string> = { 'Cache-Control': 'no-store' }
  if (http === 429 || http === 503)
    headers['Retry-After'] = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))
  visit.send(http, json, JSON.stringify({ data }), headers)
}

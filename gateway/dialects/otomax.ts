/**
 * The dialects of OtomaX, IRS and their relatives, spoken by us: an existing server is pointed at
 * our address and nothing else in it changes. How a request came and how its answer is written are
 * other files' matter; what is said is decided here.
 *
 *   query, XML ─▶ Asked ─▶ proof (sign, or PIN and password) ─▶ order.place, order.byRef ─▶ Said
 *
 * A client asks for an order's status by sending the order again, so any answer may be read as the
 * end of an order that is open. Hence:
 *
 * OTA1. A request sent again is the same order: its state now, no second charge. The same refID
 *       with other content is rejected, and nothing is bought.
 * OTA2. A word of failure is said only when the services said that nothing was bought, or that it
 *       failed. Who is not let in, or could not be heard, gets a text without such a word.
 * OTA3. Refusals are HTTP 200, as real servers do it; only limits (429) and faults (503) are not.
 * OTA4. An unknown member, a wrong PIN and a wrong sign are told in the same words, and each spends
 *       the address's allowance.
 * OTA5. Only after the proof: the allowed addresses, suspension, and the client's rate.
 * OTA6. A PIN alone proves a member only where that was allowed, and only from a listed address:
 *       from elsewhere nobody learns whether it was right.
 * OTA7. `check=1` looks and never buys; testing never spends real money.
 * OTA8. A bill is asked for and paid by codes: a word before the product's (`CEKPLN`, `BAYARPLN`),
 *       those that were agreed with the partner, or `jenis` 5 and 6. An inquiry buys nothing.
 * OTA9. Only what was inquired is paid, for what it said then: under the same refID, or, unless
 *       agreed otherwise, the last inquiry of the number. A repeat is the payment's state.
 */

import type { Answer } from '../../services/contract/answer.ts'
import type { MemberCard } from '../../services/contract/identity.ts'
import type { BillView, OrderBrief } from '../../services/contract/order-view.ts'
import type { BillCodes, InquiryView, MeantByCode } from '../../services/contract/postpaid.ts'
import type { RefusalCode, Rupiah } from '../../services/contract/words.ts'
import { digiflazzText, rcOfOrder } from '../../services/wire/digiflazz.ts'
import { addressOf, allows } from '../address.ts'
import type { HttpStatus, Visit } from '../answer.ts'
import { neighbour, standingOf } from '../auth.ts'
import { type Edge, serving } from '../edge.ts'
import type { Entry } from '../keyring.ts'
import { codeText } from '../text/codes.id.ts'
import { type OtomaxOutcome, otomaxNotes, otomaxTicket } from '../text/otomax.id.ts'
import {
  type Counted,
  counted,
  type OrderAsked,
  type Proof,
  type StatusAsked,
} from './otomax-asked.ts'
import { type Covered, isSame, isSigned } from './otomax-sign.ts'
import { clockOf, dotted } from './otomax-template.ts'

type Outcome = OtomaxOutcome | 'ticket' | 'rejected' | 'unsure'

/** What the answer says, before it is written down in some way. */
export type Said = {
  readonly outcome: Outcome
  readonly ref?: string
  readonly product?: string
  /** As it was sent, without its counter. */
  readonly dest?: string
  readonly order?: OrderBrief
  readonly balance?: Rupiah
  readonly note?: string
  readonly bill?: BillView
  readonly price?: Rupiah
  /** Absent while nobody has proven to be anybody. */
  readonly card?: MemberCard
  readonly http?: HttpStatus
  readonly retryAfterMs?: number
}

/** One way of writing answers. */
export type Tongue = (visit: Visit, said: Said) => void

export type Talk = {
  readonly edge: Edge
  readonly visit: Visit
  readonly say: Tongue
  /** A callback address of an order, with the dialect in which it is called. */
  readonly addressed: (url: string) => string
}

export function transact(talk: Talk, asked: OrderAsked | null) {
  if (asked === null) return unreadable(talk)
  const { ref, product } = asked
  const covered = { what: 'order', product, dest: asked.dest, ref } as const
  const about = { ref, product, dest: counted(asked.dest, asked.counter)?.dest ?? asked.dest }
  admit(talk, asked, { covered, about, ordering: true }, card => buy(talk, card, asked, about))
}

export function readStatus(talk: Talk, asked: StatusAsked | null) {
  if (asked === null) return unreadable(talk)
  const { ref, product } = asked
  const about = { ref, ...(product === undefined ? {} : { product }) }
  const covered = { what: 'order', product: product ?? '', dest: '', ref } as const
  admit(talk, asked, { covered, about }, card => look(talk, card, about))
}

export function readBalance(talk: Talk, asked: Proof | null) {
  if (asked === null) return unreadable(talk)
  admit(talk, asked, { covered: { what: 'balance' }, about: {} }, card => {
    const { userId } = card
    const call = () => talk.edge.call('wallet.balance', { userId })
    inquire(talk, card, {}, call, ({ available }) =>
      talk.say(talk.visit, { outcome: 'balance', balance: available, card }),
    )
  })
}

export function takeTicket(talk: Talk, asked: (Proof & { readonly amount: string }) | null) {
  if (asked === null) return unreadable(talk)
  const covered = { what: 'ticket', amount: asked.amount } as const
  admit(talk, asked, { covered, about: {}, ordering: true }, card => {
    const { edge, visit, say } = talk
    const { userId } = card
    const call = () => edge.call('deposit.ticket', { userId, amount: Number(asked.amount) })
    inquire(talk, card, {}, call, ticket => {
      const { amount, bank, expiresAt } = ticket
      const note = otomaxTicket({ ...bank, amount: dotted(amount), until: clockOf(expiresAt) })
      say(visit, { outcome: 'ticket', note, card })
    })
  })
}

export const unreadable = ({ visit, say }: Talk, note: string = otomaxNotes.unreadable): void =>
  say(visit, { outcome: 'rejected', note })

type About = Pick<Said, 'ref' | 'product' | 'dest'>

type Door = {
  readonly covered: Covered
  readonly about: About
  readonly ordering?: boolean
}

/** Lets a proven member through to `then`; answers everybody else. */
function admit(talk: Talk, asked: Proof, door: Door, then: (card: MemberCard) => void) {
  const { edge, visit } = talk
  if (edge.stopping) return unsure(talk, door.about, {})
  const member = asked.member.toUpperCase()
  const known = edge.members.peek(member)
  if (known !== undefined) return admitKnown(talk, asked, door, known, then)
  if (edge.failures.isEmpty(neighbour(edge, visit), edge.now())) return fail(talk, door.about)
  edge.members
    .look(member)
    .then(entry => {
      if (visit.over) return
      serving(edge, visit, () => admitKnown(talk, asked, door, entry, then))
    })
    .catch(error => {
      edge.onFault(error, visit.id)
      unsure(talk, door.about, {})
    })
}

function admitKnown(
  talk: Talk,
  asked: Proof,
  { covered, about, ordering = false }: Door,
  entry: Entry<'identity.member'> | null,
  then: (card: MemberCard) => void,
) {
  const { edge, visit, say } = talk
  const address = () => addressOf(visit.res, visit.forwarded, edge.proxies)
  if (entry === null || !isProven(asked, covered, entry, address)) return fail(talk, about)
  const { card } = entry
  const standing = standingOf(entry, address)
  if (standing !== null) {
    const note = standing === 'FORBIDDEN' ? otomaxNotes.addressUnknown : otomaxNotes.suspended
    return say(visit, { outcome: 'rejected', ...about, note, card })
  }
  const waitMs = (ordering ? entry.orders : entry.reads).take(edge.now())
  if (waitMs > 0) return limited(talk, about, waitMs)
  then(card)
}

function isProven(
  asked: Proof,
  covered: Covered,
  { card, allow }: Entry<'identity.member'>,
  address: () => string,
): boolean {
  const { user = '', pin = '', password = '', sign = '' } = asked
  const isUser = user === '' || isSame(user, card.username) || isSame(user, card.memberId)
  if (sign !== '') return isSigned(sign, covered, card, asked.member) && isUser
  const isPin = isSame(pin, card.pin)
  if (password === '' && card.signForms.includes('pin-only') && allow !== null)
    return allows(allow, address()) && isPin && isUser
  return isSame(password, card.password) && isPin && isUser
}

function fail(talk: Talk, about: About) {
  const { edge, visit, say } = talk
  const waitMs = edge.failures.take(neighbour(edge, visit), edge.now())
  if (waitMs > 0) return limited(talk, about, waitMs)
  say(visit, { outcome: 'rejected', ...about, note: otomaxNotes.loginWrong })
}

/** Unless a partner is used to others. */
export const usualBills: BillCodes = {
  inquiry: ['CEK', 'INQ'],
  pay: ['BAYAR', 'PAY'],
  pair: 'number',
}

const billsOf = ({ bills }: MemberCard): BillCodes => bills ?? usualBills

/** What a code means, which only the catalogue knows of those that begin like a word for bills. */
function understand(
  talk: Talk,
  card: MemberCard,
  about: About,
  then: (meant: MeantByCode) => void,
) {
  const { edge } = talk
  const { product = '' } = about
  const words = billsOf(card)
  const isLikeOne = [...words.inquiry, ...words.pay].some(word =>
    product.toUpperCase().startsWith(word.toUpperCase()),
  )
  if (!isLikeOne) return then({ what: 'order', product })
  const call = async () => ({ ok: await edge.call('postpaid.meant', { product, words }) })
  inquire(talk, card, about, call, then)
}

function buy(talk: Talk, card: MemberCard, asked: OrderAsked, about: About) {
  understand(talk, card, about, meant => {
    const what = kinds[asked.jenis ?? ''] ?? meant.what
    trade(talk, card, asked, { about, meant: { ...meant, what } })
  })
}

const kinds: Readonly<Record<string, MeantByCode['what']>> = { '5': 'inquiry', '6': 'pay' }

type Meaning = { readonly about: About; readonly meant: MeantByCode }

function trade(talk: Talk, card: MemberCard, asked: OrderAsked, { about, meant }: Meaning) {
  const { edge, visit, say } = talk
  const { userId, level } = card
  const { what, product } = meant
  const reject = (note: string) => say(visit, { outcome: 'rejected', ...about, note, card })
  if (asked.check === true) return lookFor(talk, card, about, product)
  if (!/^0*1?$/.test(asked.qty ?? '') || !/^0*$/.test(asked.denom ?? ''))
    return reject(otomaxNotes.quantity)
  if (asked.testing === true && edge.mode === 'production') return reject(otomaxNotes.testing)
  const repeat = counted(asked.dest, asked.counter)
  if (repeat === null) return reject(otomaxNotes.counterUnclear)
  const { ref, maxprice, callback = '' } = asked
  const wish = {
    ...(typeof maxprice === 'number' ? { maxPrice: maxprice } : {}),
    ...(callback === '' ? {} : { callbackUrl: talk.addressed(callback) }),
  }
  // As our answer to him writes them.
  const named = { product: (about.product ?? product).toUpperCase(), destination: about.dest ?? '' }
  const order = { userId, level, ref, product, destination: printed(repeat) }
  const byNumber = billsOf(card).pair === 'number'
  if (what === 'inquiry') {
    const call = () => edge.call('postpaid.inquire', { ...order, byNumber })
    return inquire(talk, card, about, call, view => tellBill(talk, card, about, view))
  }
  inquire(
    talk,
    card,
    about,
    () =>
      what === 'pay'
        ? edge.call('postpaid.pay', { ...order, ...wish, said: named, byNumber })
        : edge.call('order.place', { ...order, ...wish, said: named }),
    ({ order, balance, repeated }) => tell(talk, card, about, { order, balance, repeated }),
  )
}

/** As the catalogue reads it. */
const printed = ({ dest, counter }: Counted): string =>
  counter === 1 ? dest : `${dest}#${counter}`

function tellBill({ visit, say }: Talk, card: MemberCard, about: About, view: InquiryView) {
  if (view.kind === 'meter')
    return say(visit, { outcome: 'refused', ...about, note: codeText.INQUIRY_UNSUPPORTED, card })
  const { bill } = view
  say(visit, { outcome: 'bill', ...about, bill, price: bill.price, card })
}

function look(talk: Talk, card: MemberCard, about: About) {
  if (about.product === undefined) return lookFor(talk, card, about, undefined)
  understand(talk, card, about, ({ product }) => lookFor(talk, card, about, product))
}

function lookFor(talk: Talk, card: MemberCard, about: About, product: string | undefined) {
  const { edge } = talk
  const { userId } = card
  const { ref = '' } = about
  inquire(
    talk,
    card,
    about,
    () =>
      edge.call('order.byRef', {
        ...{ userId, ref },
        ...(product === undefined ? {} : { product }),
        ...(about.dest === undefined ? {} : { destination: about.dest }),
      }),
    order => {
      const dest = about.dest ?? order.destination
      const named = { ref, product: about.product ?? order.product, dest }
      tell(talk, card, named, { order, repeated: true })
    },
  )
}

type Found = {
  readonly order: OrderBrief
  readonly repeated: boolean
  readonly balance?: Rupiah
}

function tell({ visit, say }: Talk, card: MemberCard, about: About, found: Found) {
  const { order, repeated } = found
  const balance = found.balance === undefined ? {} : { balance: found.balance }
  const said = { ...about, order, card, ...balance }
  switch (order.status) {
    case 'PENDING':
    case 'PROCESSING':
      return say(visit, { outcome: repeated ? 'processing' : 'accepted', ...said })
    case 'SUCCESS':
      return say(visit, {
        outcome: order.bill === undefined ? 'success' : 'bill_success',
        ...said,
      })
    case 'REFUND':
      return say(visit, { outcome: 'refunded', ...said })
    case 'FAILED': {
      const isChanged = order.failure === 'bill_changed'
      const note = isChanged ? otomaxNotes.billChanged : digiflazzText[rcOfOrder(order)]
      return say(visit, { outcome: 'failed', note, ...said })
    }
  }
}

/** Like ask() in ask.ts, in these dialects' words. */
function inquire<T>(
  talk: Talk,
  card: MemberCard,
  about: About,
  call: () => Promise<Answer<T>>,
  then: (ok: T) => void,
) {
  const { edge, visit } = talk
  if (!edge.flights.enter(card.userId)) return unsure(talk, about, {})
  call()
    .finally(() => edge.flights.leave(card.userId))
    .then(answer => {
      if (visit.over) return
      if ('ok' in answer) then(answer.ok)
      else if ('refused' in answer) refuse(talk, card, about, answer.refused)
      else unsure(talk, about, answer)
    })
    .catch(error => {
      edge.onFault(error, visit.id)
      unsure(talk, about, {})
    })
}

/** What is surely the end of this very request, and buys nothing. */
const ends: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  ...(['INSUFFICIENT_BALANCE', 'TWIN_ORDER', 'PRODUCT_UNKNOWN', 'PRODUCT_CLOSED'] as const),
  ...(['PRODUCT_UNSUPPLIED', 'PRICE_ABOVE_MAX', 'DESTINATION_INVALID'] as const),
  ...(['PREFIX_MISMATCH', 'AMOUNT_INVALID', 'BILL_UNAVAILABLE', 'INQUIRY_UNANSWERED'] as const),
  ...(['INQUIRY_REQUIRED', 'INQUIRY_EXPIRED', 'INQUIRY_INVALID', 'INQUIRY_USED'] as const),
  'INQUIRY_UNSUPPORTED',
])

function refuse({ visit, say }: Talk, card: MemberCard, about: About, code: RefusalCode) {
  if (ends.has(code)) {
    const note = code === 'INQUIRY_REQUIRED' ? otomaxNotes.billFirst : codeText[code]
    return say(visit, { outcome: 'refused', ...about, note, card })
  }
  const notes: Partial<Record<RefusalCode, string>> = {
    DUPLICATE_REF: otomaxNotes.duplicate,
    NOT_FOUND: otomaxNotes.notFound,
    CLIENT_SUSPENDED: otomaxNotes.suspended,
  }
  say(visit, { outcome: 'rejected', ...about, note: notes[code] ?? codeText[code], card })
}

function limited({ visit, say }: Talk, about: About, retryAfterMs: number) {
  say(visit, { outcome: 'unsure', ...about, note: otomaxNotes.limited, http: 429, retryAfterMs })
}

function unsure({ visit, say }: Talk, about: About, when: { readonly retryAfterMs?: number }) {
  const { retryAfterMs = 1_000 } = when
  say(visit, { outcome: 'unsure', ...about, note: otomaxNotes.later, http: 503, retryAfterMs })
}

/**
 * One stored message, understood and answered. Orders are placed under a reference made of the
 * message's id and the place in it, so going through a message twice buys once; everything else
 * that it does is one write together with the answer.
 *
 *   stored ─▶ who? ─▶ grammar ─▶ PIN ─▶ each part in turn ─▶ answer (one write)
 *                                          └─ fault ─▶ stays waiting, tried again
 *
 * CHE1. The same message again, by the channel or after a crash, never buys twice.
 * CHE2. Nothing is done before the PIN is proven, and an answer to a wrong one repeats nothing that
 *       was typed.
 * CHE3. An order that was typed more than fifteen minutes ago is not placed any more: whoever typed
 *       it may have bought elsewhere.
 * CHE4. While the engine can't answer, a message waits: it is never answered with a guess.
 * CHE5. A stranger is answered once a day, then there is silence.
 * CHE6. The parts of a message stand alone: one that fails does not stop the next.
 * CHE7. A bill is paid for the amount that was last told here, by an answer that had left before
 *       the payment was typed; else it is looked at first, and nothing is paid.
 * CHE8. A bill that another message pays, or whose amount changed since, is not paid, and the
 *       answer says which of the two.
 * CHE9. The price list never tells what comes on top of a bill as if it were the bill's price.
 */

import { fingerprint } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  billTold,
  type ChatBill,
  type Conclusion,
  conclude,
  forgetBills,
  type GatewayRecord,
  ignoreMessage,
  lastToldAt,
  latestOrder,
  noteOrder,
  orderByNumber,
  readTemplates,
  type SenderRecord,
  senderAt,
} from '../../sql/topup/chat.ts'
import { quote } from '../catalogue/book.ts'
import { parseDestination } from '../catalogue/destination.ts'
import type { Shelf } from '../catalogue/shelf.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type { BillView, OrderBrief } from '../contract/order-view.ts'
import type { Call } from '../contract.ts'
import { loginPurpose } from '../identity/identity.service.ts'
import type { Seal } from '../seal.ts'
import type { Pins } from '../wallet/pin.ts'
import {
  type BillCommand,
  type Command,
  type Grammar,
  type Item,
  payBillCommand,
  understand,
} from './grammar.ts'
import { fill, isTemplate, rupiah, type Values, wib } from './template.ts'
import {
  refusedText,
  say,
  statusText,
  type TemplateName,
  templates,
  unclearText,
} from './text.id.ts'

export type TalkDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly pins: Pick<Pins, 'prove'>
  readonly call: Call
  readonly shelf: Pick<Shelf, 'book'>
  readonly now: () => number
}

export type Message = {
  readonly id: number
  readonly messageId: string
  readonly address: string
  readonly text: string
  readonly sentAt: number
  readonly receivedAt: number
  /** How often it was taken up again. */
  readonly tries: number
}

/** The engine can't say now; the message is to be tried again. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}

export type Told = { readonly text: string; readonly trxIds: readonly string[] } | null

const lateMs = 15 * 60_000
const strangerMs = 24 * 3_600_000
const pricesMax = 30

export async function converse(
  deps: TalkDeps,
  { gateway, grammar, message }: { gateway: GatewayRecord; grammar: Grammar; message: Message },
  /** The answer goes back on the line on which the message came. */
  isHeard: boolean,
): Promise<Told> {
  const { pool } = deps.db
  const { address } = message
  const place = { gateway: gateway.name, address }
  const sender = await senderAt(pool, place)
  const talk = new Talk(deps, { message, place, sender, grammar, words: await wording(deps) })
  if (sender === null) {
    const last = await lastToldAt(pool, place)
    if (last !== null && deps.now() - last < strangerMs) {
      await ignoreMessage(pool, message.id)
      return null
    }
    talk.say('stranger')
  } else {
    await talk.answer(sender)
  }
  const outState = isHeard ? 'sent' : gateway.baseUrl === '' ? 'kept' : 'waiting'
  const conclusion = talk.conclusion(outState)
  await conclude(pool, conclusion)
  if (conclusion.bills.length > 0) await forgetBills(pool, deps.now())
  const trxIds = conclusion.orders.flatMap(({ trxId }) => trxId ?? [])
  return { text: conclusion.text, trxIds }
}

/** The owner's words over the usual ones. */
export async function wording({
  db,
}: Pick<TalkDeps, 'db'>): Promise<Readonly<Record<TemplateName, string>>> {
  const own = (await readTemplates(db.pool)).filter(({ name }) => isTemplate(name))
  return { ...templates, ...Object.fromEntries(own.map(({ name, text }) => [name, text])) }
}

type Scene = {
  readonly message: Message
  readonly place: { readonly gateway: string; readonly address: string }
  readonly sender: SenderRecord | null
  readonly grammar: Grammar
  readonly words: Readonly<Record<TemplateName, string>>
}

class Talk {
  readonly #deps: TalkDeps
  readonly #scene: Scene
  readonly #lines: string[] = []
  readonly #orders: Conclusion['orders'][number][] = []
  readonly #bills: ChatBill[] = []
  #pin: Conclusion['pin'] = null

  constructor(deps: TalkDeps, scene: Scene) {
    this.#deps = deps
    this.#scene = scene
  }

  say(name: TemplateName, values: Values = {}): void {
    const { sender, words } = this.#scene
    const usual = {
      waktu: wib(this.#deps.now()),
      kodereseller: sender?.memberId ?? sender?.username ?? '',
      namareseller: sender?.name ?? '',
    }
    this.#lines.push(fill(words[name], { ...usual, ...values }))
  }

  conclusion(outState: Conclusion['outState']): Conclusion {
    const { message, place } = this.#scene
    return {
      inboxId: message.id,
      ...place,
      text: this.#lines.join('\n').slice(0, 4_000),
      outState,
      orders: this.#orders,
      pin: this.#pin,
      bills: this.#bills,
    }
  }

  async answer(sender: SenderRecord): Promise<void> {
    const { now, shelf } = this.#deps
    if (sender.status !== 'active') return this.say('suspended')
    if (sender.lockedUntil !== null && sender.lockedUntil > now()) {
      return this.say('pin_locked', { waktu: wib(sender.lockedUntil) })
    }
    const { index } = shelf.book()
    const isProduct = (code: string) => index.has(code.toUpperCase())
    const { items } = understand(this.#scene.message.text, this.#scene.grammar, isProduct)
    const pin = items.flatMap(item => ('pin' in item ? item.pin : []))[0]
    if (pin !== undefined) {
      const { userId, pinHash: hashed } = sender
      const proof = await this.#deps.pins.prove({ userId, pin, hashed })
      if (!proof.right) return this.say('pin_wrong', { keterangan: say.guessesLeft(proof.left) })
    }
    for (const [at, item] of items.entries()) await this.#do(sender, item, at)
  }

  async #do(sender: SenderRecord, item: Item, at: number): Promise<void> {
    switch (item.type) {
      case 'buy':
        return await this.#buy(sender, item, at)
      case 'balance':
        return this.say('balance', { saldo: await this.#balance(sender.userId) })
      case 'prices':
        return await this.#prices(sender, item.query)
      case 'status':
        return await this.#status(sender, item.destination)
      case 'bill':
        return await this.#bill(sender, item)
      case 'payBill':
        return await this.#payBill(sender, item, at)
      case 'complain':
        return await this.#complain(sender, item.trx)
      case 'ticket':
        return await this.#ticket(sender, item.amount)
      case 'transfer':
        return await this.#transfer(sender, item, at)
      case 'changePin':
        return await this.#changePin(sender, item)
      case 'help':
        return this.say('help')
      case 'unclear':
        return this.say('order_question', { keterangan: unclearText[item.why] })
    }
  }

  async #buy(
    { userId, level }: SenderRecord,
    { product, destination, counter }: Extract<Command, { type: 'buy' }>,
    at: number,
  ): Promise<void> {
    const { call, db, now } = this.#deps
    const { message, place } = this.#scene
    const ref = refOf({ gateway: place.gateway, messageId: message.messageId, at })
    const order = { userId, ref, inboxId: message.id, ...place, destination }
    if (now() - message.sentAt > lateMs) {
      const known = await call('order.byRef', { userId, ref })
      if ('fault' in known) throw new NotNow()
      if ('refused' in known) return this.say('order_question', { keterangan: say.late })
    }
    const id = await noteOrder(db.pool, order)
    const suffix = counter > 1 ? `#${counter}` : ''
    const wish = { userId, level, ref, product, destination: `${destination}${suffix}` }
    const placed = await call('order.place', wish)
    if ('fault' in placed) throw new NotNow()
    if ('refused' in placed) {
      this.#orders.push({ id, trxId: null, destination })
      const values = { kodeproduk: product, tujuan: destination, keterangan: reasonOf(placed) }
      return this.say('order_refused', values)
    }
    const { order: brief, balance } = placed.ok
    this.#orders.push({ id, trxId: brief.trxId, destination: brief.destination })
    this.say('order_accepted', { ...orderValues(brief, id), saldo: balance, qty: String(counter) })
  }

  async #bill({ userId, level }: SenderRecord, bill: BillCommand): Promise<void> {
    const { product, destination } = bill
    const told = await this.#deps.call('postpaid.inquire', { userId, level, product, destination })
    if ('fault' in told) throw new NotNow()
    if ('refused' in told) return this.#refuse(bill, reasonOf(told))
    const head = { kodeproduk: product, tujuan: destination }
    if (told.ok.kind === 'meter') {
      const { name, segment, meterNumber } = told.ok.meter
      return this.say('meter', { ...head, nama: name, keterangan: `${segment} ${meterNumber}` })
    }
    const { token, expiresAt: endsAt, price, ...inquired } = told.ok.bill
    const named = { product: inquired.product, destination: inquired.destination }
    this.#bills.push({ clientId: userId, ...named, token, endsAt })
    this.say('bill', {
      ...billValues(inquired),
      ...{ kodeproduk: inquired.product, tujuan: inquired.destination, harga: price },
      ...{ perintah: payBillCommand(this.#scene.grammar, named), waktu: wib(endsAt) },
    })
  }

  async #payBill(sender: SenderRecord, bill: BillCommand, at: number): Promise<void> {
    const { call, db, now, shelf } = this.#deps
    const { message, place } = this.#scene
    const { userId, level } = sender
    const { product: code } = bill
    const ref = refOf({ gateway: place.gateway, messageId: message.messageId, at })
    const known = await call('order.byRef', { userId, ref })
    if ('fault' in known) throw new NotNow()
    const wish = { code, level, userId, destination: bill.destination, nowMs: now() }
    const quoted = quote(shelf.book(), wish)
    if ('refused' in known && 'refused' in quoted) {
      return this.#refuse(bill, refusedText[quoted.refused] ?? say.refusedOtherwise)
    }
    const destination = 'refused' in quoted ? bill.destination : quoted.destination
    if ('refused' in known && now() - message.sentAt > lateMs) {
      return this.say('order_question', { keterangan: say.late })
    }
    const named = { product: code, destination }
    const token =
      'ok' in known
        ? undefined
        : await billTold(db.pool, { clientId: userId, inboxId: message.id, ...named, now: now() })
    if (token === null) {
      if (!('refused' in quoted) && quoted.product.type !== 'postpaid') {
        return this.#refuse(bill, refusedText.INQUIRY_UNSUPPORTED!)
      }
      this.say('order_question', { keterangan: say.billFirst })
      return await this.#bill(sender, bill)
    }
    const id = await noteOrder(db.pool, {
      ...{ userId, ref, inboxId: message.id, ...place, destination },
    })
    const order = { userId, level, ref, ...named }
    const placed = await call('order.place', {
      ...order,
      ...(token === undefined ? {} : { inquiryToken: token }),
    })
    if ('fault' in placed) throw new NotNow()
    if ('refused' in placed) {
      this.#orders.push({ id, trxId: null, destination })
      return this.#refuse(bill, billReasonOf(placed))
    }
    const { order: brief, balance } = placed.ok
    this.#orders.push({ id, trxId: brief.trxId, destination: brief.destination })
    this.say('bill_accepted', { ...orderValues(brief, id), saldo: balance })
  }

  #refuse({ product, destination }: BillCommand, keterangan: string): void {
    this.say('order_refused', { kodeproduk: product, tujuan: destination, keterangan })
  }

  async #balance(userId: string): Promise<number> {
    return ok(await this.#deps.call('wallet.balance', { userId })).available
  }

  async #prices({ level, userId }: SenderRecord, query: string): Promise<void> {
    const book = this.#deps.shelf.book()
    const nowMs = this.#deps.now()
    const terms = book.prefixLengths
      .filter(length => length <= query.length)
      .map(length => book.prefixes.get(query.slice(0, length)))
    const operator = terms
      .map(ofPrefix => ofPrefix?.find(([fromMs]) => fromMs <= nowMs)?.[1] ?? -1)
      .find(index => index >= 0)
    const brand = operator === undefined ? query : book.operators[operator]!.toUpperCase()
    const rows = (await this.#deps.call('catalogue.products', { level, userId })).filter(
      ({ code, brand: of }) => code.toUpperCase().startsWith(query) || of.toUpperCase() === brand,
    )
    const lines = rows.slice(0, pricesMax).map(({ code, name, type, price, open }) => {
      const amount = `Rp${rupiah(price)}`
      const shown = type === 'postpaid' ? say.onBill(amount) : amount
      return `${code} ${name}: ${open ? shown : say.closed}`
    })
    const [hidden] = rows.slice(pricesMax)
    if (hidden !== undefined) lines.push(say.pricesMore(rows.length - pricesMax, hidden.code))
    const keterangan = lines.length === 0 ? say.pricesNone : [query, ...lines].join('\n')
    this.say(lines.length === 0 ? 'order_question' : 'prices', { keterangan })
  }

  async #status({ userId }: SenderRecord, typed: string): Promise<void> {
    const { call, db } = this.#deps
    const kinds = ['phone', 'meter', 'account'] as const
    const forms = kinds.flatMap(kind => parseDestination(typed, kind)?.destination ?? [])
    const known = await latestOrder(db.pool, { userId, destinations: [typed, ...forms] })
    if (known === null) return this.say('order_question', { keterangan: say.statusNone })
    const order = ok(await call('order.get', { userId, trxId: known.trxId }))
    this.say('status', orderValues(order, known.id))
  }

  /** By our number, or by the order's own id from wherever it was placed. */
  async #complain({ userId }: SenderRecord, trx: string): Promise<void> {
    const { call, db } = this.#deps
    const isNumber = /^\d+$/.test(trx)
    const known = isNumber ? await orderByNumber(db.pool, { userId, id: Number(trx) }) : null
    const trxId = known?.trxId ?? (isNumber ? null : trx)
    const order = trxId === null ? null : await call('order.get', { userId, trxId })
    if (order !== null && 'fault' in order) throw new NotNow()
    if (order === null || 'refused' in order) {
      return this.say('order_question', { keterangan: say.orderNone })
    }
    const inboxId = this.#scene.message.id
    const wish = { userId, trxId: order.ok.trxId, reason: 'other', text: '', inboxId } as const
    const taken = await call('complaint.open', wish)
    if ('fault' in taken) throw new NotNow()
    if ('refused' in taken) return this.say('not_done', { keterangan: reasonOf(taken) })
    this.say('complaint_taken', orderValues(order.ok, trx))
  }

  async #ticket({ userId }: SenderRecord, amount: number): Promise<void> {
    const made = await this.#deps.call('deposit.ticket', { userId, amount })
    if ('fault' in made) throw new NotNow()
    if ('refused' in made) return this.say('not_done', { keterangan: reasonOf(made) })
    const { bank, expiresAt, amount: nominal } = made.ok
    const keterangan = `${bank.code.toUpperCase()} ${bank.number} (${bank.holder})`
    this.say('ticket', { nominal, keterangan, waktu: wib(expiresAt) })
  }

  /** What the channel held back is asked about; what we held back is finished, once. */
  async #transfer(
    { userId }: SenderRecord,
    { to, amount, pin }: Extract<Command, { type: 'transfer' }>,
    at: number,
  ): Promise<void> {
    const { message, place } = this.#scene
    if (message.receivedAt - message.sentAt > lateMs) {
      return this.say('order_question', { keterangan: say.late })
    }
    const ref = refOf({ gateway: place.gateway, messageId: message.messageId, at })
    const sent = await this.#deps.call('transfer.send', { userId, to, amount, pin, ref })
    if ('fault' in sent) throw new NotNow()
    if ('refused' in sent) return this.say('not_done', { keterangan: reasonOf(sent) })
    this.say('transferred', { nominal: amount, tujuan: sent.ok.to, saldo: sent.ok.available })
  }

  async #changePin(
    { userId }: SenderRecord,
    { pin, next }: Extract<Command, { type: 'changePin' }>,
  ): Promise<void> {
    if (pin === next) return this.say('order_question', { keterangan: say.pinSame })
    const { seal } = this.#deps
    const pinSealed = seal.close(next, loginPurpose(userId, 'pin'))
    this.#pin = { userId, pinHash: await seal.hash(next), pinSealed }
    this.say('pin_changed')
  }
}

/** Of the message alone: whoever goes through it again finds the same order. */
const refOf = ({
  gateway,
  messageId,
  at,
}: {
  gateway: string
  messageId: string
  at: number
}): string => `${refPrefix}${fingerprint('chat', gateway, messageId)}-${at + 1}`

export const refPrefix = 'chat-'

export function orderValues(order: OrderBrief, number: number | string): Values {
  return {
    kodeproduk: order.product,
    tujuan: order.destination,
    trxid: String(number),
    harga: order.price,
    sn: order.sn === null || order.sn === '' ? say.noSn : order.sn,
    status: statusText[order.status],
    ...(order.bill === undefined ? {} : billValues(order.bill)),
  }
}

const billValues = ({ customer, periods, amount, admin }: BillView): Values => ({
  ...{ nama: customer, periode: periods === '' ? say.noPeriods : periods },
  ...{ tagihan: amount, admin, total: amount + admin },
})

const billReasonOf = (told: Refused): string =>
  told.refused === 'TWIN_ORDER' && told.order !== undefined
    ? say.billTwin(told.order.status)
    : reasonOf(told)

function reasonOf({ refused, order }: Refused): string {
  if (refused === 'TWIN_ORDER' && order !== undefined) return say.twin(order.status)
  return refusedText[refused] ?? say.refusedOtherwise
}

export function ok<T>(answer: Answer<T>): T {
  if ('ok' in answer) return answer.ok
  throw new NotNow()
}

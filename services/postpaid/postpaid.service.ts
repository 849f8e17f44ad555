/**
 * Bills, as the rest of the system sees them: asked for at the suppliers of the product, one after
 * the other, and given to the client as a token that an order pays.
 *
 *   inquire ─▶ book ─▶ supplier ─▶ the next one, if it has no answer ─▶ price ─▶ token
 *   pay ─────▶ the token of this reference ─▶ order.place
 *
 * PPE1. An inquiry moves no money and leaves no order, whatever comes of it.
 * PPE2. The suppliers are asked in the book's order until one tells the bill. That there is none is
 *       said only when a supplier said so; when nobody was heard, the client may ask again.
 * PPE3. A reference that has an order already is not inquired again.
 * PPE4. A payment by reference alone pays the last inquiry kept under it, also after a restart, and
 *       a repeat of it is the order that it made. Where that was agreed, an inquiry under another
 *       reference is paid, the last one of this client for the same product and number.
 * PPE5. A product of meters that is no bill is answered with whose meter it is, by a supplier who
 *       can tell.
 * PPE6. A bill is paid where it was told or nowhere; a supplier whom routing bars is not paid, and
 *       tells no bill.
 * PPE7. By the ways of a bill nothing is bought that is none.
 */

import { randomBytes } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { inquiryOf, keepInquiry } from '../../sql/topup/postpaid.ts'
import { markupOf, quote } from '../catalogue/book.ts'
import type { Shelf } from '../catalogue/shelf.ts'
import type { Answer } from '../contract/answer.ts'
import type { Placed } from '../contract/order.ts'
import type { OrderBrief } from '../contract/order-view.ts'
import type { InquiryView, MeterView } from '../contract/postpaid.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions, Call } from '../contract.ts'
import type { Router } from '../routing/router.ts'
import type { Seal } from '../seal.ts'
import type { SupplierAccess } from '../supplier/caller.ts'
import type { Inquirer } from '../supplier/inquirer.ts'
import type { Bill } from '../supplier/postpaid.ts'
import { meantBy } from './bill-code.ts'
import {
  billView,
  boundedDetail,
  endOf,
  type Inquired,
  partsOf,
  priceOf,
  sealInquired,
} from './inquired.ts'

type PostpaidDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'close'>
  readonly shelf: Pick<Shelf, 'book'>
  readonly now: () => number
  /** By which products open and close. */
  readonly machineNow: () => number
  readonly call: Call
  readonly inquirer: Pick<Inquirer, 'bill' | 'meter'>
  readonly supplierOf: (code: string) => SupplierAccess | undefined
  readonly suppliers: () => readonly SupplierAccess[]
  /** Who may not be paid just now; without one everybody may. */
  readonly router?: Pick<Router, 'bars'>
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Refused = { readonly refused: RefusalCode } & object

/** A bill is asked for at so many suppliers, and then it was enough. */
const suppliersAskedMax = 3

export function postpaidService(deps: PostpaidDeps): ServiceSchema {
  return {
    name: 'postpaid',
    actions: {
      inquire: (ctx: Context<Params<'postpaid.inquire'>>) => inquire(deps, ctx.params),
      pay: (ctx: Context<Params<'postpaid.pay'>>) => pay(deps, ctx.params),
      meter: (ctx: Context<Params<'postpaid.meter'>>) =>
        meterAt(deps, deps.suppliers(), ctx.params.number),
      meant: (ctx: Context<Params<'postpaid.meant'>>) => {
        const { index, products } = deps.shelf.book()
        const typeOf = (code: string) => products[index.get(code) ?? -1]?.type
        return meantBy(ctx.params.product, ctx.params.words, typeOf)
      },
    },
  }
}

async function inquire(
  deps: PostpaidDeps,
  params: Params<'postpaid.inquire'>,
): Promise<Answer<InquiryView>> {
  const { userId, level, destination, ref, sameDay = false, byNumber = false } = params
  const asked = { code: params.product, level, userId, destination, nowMs: deps.machineNow() }
  const book = deps.shelf.book()
  const quoted = quote(book, asked)
  if ('refused' in quoted) return refuse(quoted.refused, quoted.details)
  const { product, plan, counter } = quoted
  if (product.type === 'prepaid') {
    if (product.kind !== 'meter') return refuse('INQUIRY_UNSUPPORTED', { product: product.code })
    const among = plan.flatMap(([code]) => deps.supplierOf(code) ?? [])
    const answer = await meterAt(deps, among, quoted.destination)
    return 'ok' in answer ? { ok: { kind: 'meter', meter: answer.ok } } : answer
  }
  if (ref !== undefined) {
    const known = await deps.call('order.byRef', { userId, ref })
    if ('ok' in known) return taken(known.ok)
    if ('fault' in known) return known
  }
  const told = await ask(deps, plan, { userId, product: product.code, dest: quoted.destination })
  if ('refused' in told) return refuse(told.refused)
  const { supplier, sku, bill } = told
  const price = priceOf(bill.cost, markupOf(book, asked), product.mayLose)
  if (price === null) return refuse('AMOUNT_INVALID')
  const inquired: Inquired = {
    id: randomBytes(12).toString('hex'),
    ...{ user: userId, product: product.code, destination: quoted.destination, counter },
    ...{ supplier, sku, cost: bill.cost, price, ...partsOf(bill) },
    ...{ customer: bill.customerName, periods: bill.periods, detail: boundedDetail(bill.detail) },
    endsAt: endOf(deps.now(), sameDay),
  }
  const token = sealInquired(deps.seal, inquired)
  const { endsAt } = inquired
  if (ref !== undefined) await keepInquiry(deps.db.pool, { clientId: userId, ref, token, endsAt })
  if (byNumber) {
    const place = numberPlace(inquired)
    await keepInquiry(deps.db.pool, { clientId: userId, ref: place, token, endsAt })
  }
  const words = { product: product.code, destination: quoted.destination, price, token }
  return {
    ok: { kind: 'bill', bill: { ...billView(inquired), ...words, expiresAt: endsAt } },
  }
}

async function ask(
  { supplierOf, inquirer, router, now }: PostpaidDeps,
  plan: readonly (readonly [supplier: string, sku: string, ...unknown[]])[],
  { userId, product, dest }: { userId: string; product: string; dest: string },
): Promise<{ supplier: string; sku: string; bill: Bill } | { refused: RefusalCode }> {
  const mayPay = (supplier: string, cost: number) =>
    router === undefined || router.bars({ supplier, product, userId, cost, now: now() }) === ''
  let isDenied = false
  let isTold = false
  let isUnheard = false
  const able = plan.filter(([supplier]) => mayPay(supplier, 0))
  for (const [supplier, sku] of able.slice(0, suppliersAskedMax)) {
    const access = supplierOf(supplier)
    if (access === undefined) continue
    const answer = await inquirer.bill(access, { sku, dest })
    if (answer.outcome === 'bill') {
      // The payment would leave for this much.
      if (mayPay(supplier, answer.bill.cost)) return { supplier, sku, bill: answer.bill }
      isTold = true
    } else if (answer.outcome === 'failed' && !answer.supplierTrouble) isDenied = true
    else isUnheard = true
  }
  if (isTold) return { refused: 'PRODUCT_UNSUPPLIED' }
  if (isDenied) return { refused: 'BILL_UNAVAILABLE' }
  const isBarred = !isUnheard && plan.some(([supplier]) => supplierOf(supplier) !== undefined)
  return { refused: isBarred ? 'PRODUCT_UNSUPPLIED' : 'INQUIRY_UNANSWERED' }
}

async function meterAt(
  { inquirer }: PostpaidDeps,
  among: readonly SupplierAccess[],
  number: string,
): Promise<Answer<MeterView>> {
  let isDenied = false
  for (const access of among.slice(0, suppliersAskedMax)) {
    const answer = await inquirer.meter(access, number)
    if (answer.outcome === 'meter') {
      const { outcome: _, ...meter } = answer
      return { ok: meter }
    }
    if (answer.outcome === 'refused' && !answer.supplierTrouble) isDenied = true
  }
  return refuse(isDenied ? 'DESTINATION_INVALID' : 'INQUIRY_UNANSWERED')
}

async function pay(deps: PostpaidDeps, params: Params<'postpaid.pay'>): Promise<Answer<Placed>> {
  const { byNumber = false, ...order } = params
  const { userId: clientId, ref } = order
  const { index, products } = deps.shelf.book()
  const product = products[index.get(order.product.toUpperCase()) ?? -1]
  if (product?.type === 'prepaid') return refuse('INQUIRY_UNSUPPORTED', { product: product.code })
  let token = await inquiryOf(deps.db.pool, { clientId, ref })
  if (byNumber) {
    // What was inquired since must not make a repeat look like another payment.
    const known = await deps.call('order.byRef', { userId: clientId, ref })
    if ('fault' in known) return known
    token = 'ok' in known ? null : (token ?? (await lastOfNumber(deps, order)))
  }
  return deps.call('order.place', token === null ? order : { ...order, inquiryToken: token })
}

async function lastOfNumber(
  { db, shelf, machineNow }: PostpaidDeps,
  { userId, level, product: code, destination }: Params<'postpaid.pay'>,
): Promise<string | null> {
  const quoted = quote(shelf.book(), { code, level, userId, destination, nowMs: machineNow() })
  if ('refused' in quoted) return null
  const { product, ...named } = quoted
  const ref = numberPlace({ ...named, product: product.code })
  return await inquiryOf(db.pool, { clientId: userId, ref })
}

/** Where the last inquiry of a number is kept: no reference of a client begins with a space. */
const numberPlace = (of: Pick<Inquired, 'product' | 'destination' | 'counter'>): string =>
  ` ${of.product} ${of.destination} ${of.counter}`

const taken = (order: OrderBrief) =>
  ({ refused: 'DUPLICATE_REF', order, moneyEffect: order.moneyEffect }) as const

function refuse(refused: RefusalCode, details?: Readonly<Record<string, unknown>>) {
  const told: Refused = { refused, ...(details === undefined ? {} : { details }) }
  return { ...told, moneyEffect: 'none' as const }
}

import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { quote } from '../catalogue/book.ts'
import { compile } from '../catalogue/compile.ts'
import { catalogue, mappingRow, productRow } from '../catalogue/rows.fixture.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import {
  billQuote,
  billView,
  boundedDetail,
  endOf,
  type Inquired,
  lifeMs,
  openInquired,
  partsOf,
  priceOf,
  sealInquired,
  twinWord,
} from './inquired.ts'

const now = Date.UTC(2026, 5, 1, 5)
const inquired: Inquired = {
  ...{ id: 'i1', user: 'u1', product: 'PLN', destination: '530000000001', counter: 1 },
  ...{ supplier: 'digi', sku: 'digi-pln', cost: 40_000, price: 40_500, endsAt: now + lifeMs },
  ...{ amount: 39_400, admin: 2_500, customer: 'BUDI', periods: 'JUN 2026', detail: '' },
}
const bills = {
  ...{ category: 'Pascabayar', brand: 'PLN PASCABAYAR' },
  ...({ type: 'postpaid', destinationKind: 'meter' } as const),
}
const book = compile(
  catalogue({
    products: [productRow('PLN', bills)],
    suppliers: [
      { code: 'digi', active: true },
      { code: 'diva', active: true },
    ],
    mappings: [mappingRow('PLN', 'digi'), mappingRow('PLN', 'diva')],
  }),
)
const quoted = quote(book, { code: 'pln', level: 0, destination: '530000000001', nowMs: now })
const offer = (
  some: Partial<Parameters<typeof billQuote>[1]> = {},
  terms = true,
  rules: { multi?: boolean; twinMinutes?: number } = {},
) => {
  ok('plan' in quoted)
  const wish = { userId: 'u1', now, maxPrice: undefined, inquired, ...some }
  return billQuote({ ...quoted, ...rules }, wish, () => (terms ? [60_000, 1_000_000] : null))
}
const refusedOf = (made: ReturnType<typeof offer>) =>
  'refused' in made ? [made.refused, (made.details as { reason?: string }).reason] : made

test('inquired: a token: opens to what was sealed, whoever it is shown to by (PPB1)', () => {
  const seal = makeSeal(newMasterKey())
  const token = sealInquired(seal, inquired)
  deepEqual(openInquired(seal, token), inquired)
  equal(/^[\w.-]{20,16000}$/.test(token), true)
  equal(token.includes('BUDI'), false)
  const changed = `${token.slice(0, -3)}${token.endsWith('AAA') ? 'BBB' : 'AAA'}`
  for (const wrong of ['', 'x', changed, seal.close('{}', 'inquiry'), seal.close('x', 'inquiry')]) {
    equal(openInquired(seal, wrong), null)
  }
  equal(openInquired(seal, seal.close(JSON.stringify(inquired), 'supplier:digi')), null)
  equal(openInquired(makeSeal(newMasterKey()), token), null)
})

test('inquired: terms: at the supplier who told it, for exactly that (PPB1, PPB4)', () => {
  const made = offer()
  ok('plan' in made)
  deepEqual(made.plan, [['digi', 'digi-pln', 40_000, 40_000, 60_000, 1_000_000]])
  deepEqual([made.price, made.bill?.id, made.bill?.cost], [40_500, 'i1', 40_000])
  deepEqual(billView(made.bill!), {
    ...{ amount: 39_400, admin: 2_500, customer: 'BUDI', periods: 'JUN 2026', detail: '' },
  })
})

test('inquired: what it was not made for: refused, and says why (PPB1)', () => {
  const other = (some: Partial<Inquired>) =>
    refusedOf(offer({ inquired: { ...inquired, ...some } }))
  deepEqual(refusedOf(offer({ inquired: null })), ['INQUIRY_INVALID', 'token'])
  deepEqual(refusedOf(offer({ userId: 'u2' })), ['INQUIRY_INVALID', 'client'])
  deepEqual(other({ product: 'PDAM' }), ['INQUIRY_INVALID', 'product'])
  deepEqual(other({ destination: '530000000002' }), ['INQUIRY_INVALID', 'destination'])
  deepEqual(other({ counter: 2 }), ['INQUIRY_INVALID', 'destination'])
  deepEqual(other({ endsAt: now }), ['INQUIRY_EXPIRED', undefined])
  deepEqual(other({ supplier: 'gone' }), ['PRODUCT_UNSUPPLIED', undefined])
  deepEqual(other({ sku: 'renamed' }), ['PRODUCT_UNSUPPLIED', undefined])
  deepEqual(refusedOf(offer({}, false)), ['PRODUCT_UNSUPPLIED', undefined])
  deepEqual(refusedOf(offer({ maxPrice: 40_499 })), ['PRICE_ABOVE_MAX', undefined])
  ok('plan' in offer({ maxPrice: 40_500 }))
})

test('inquired: the price: what it costs and the markup, never less than the bill (PPB2)', () => {
  equal(priceOf(40_000, 500, false), 40_500)
  equal(priceOf(40_000, -500, false), 40_000)
  equal(priceOf(40_000, -500, true), 39_500)
  equal(priceOf(10_000_000_000, 1, false), null)
  equal(priceOf(100, -500, true), null)
})

test('inquired: the parts: as they were told, or as far as we know (PPB2)', () => {
  const told = { customerName: '', periods: '', detail: '', cost: 40_000 }
  deepEqual(partsOf({ ...told, suggested: 41_900, admin: 2_500 }), { amount: 39_400, admin: 2_500 })
  deepEqual(partsOf({ ...told, suggested: null, admin: null }), { amount: 40_000, admin: 0 })
  deepEqual(partsOf({ ...told, suggested: 1_000, admin: 2_500 }), { amount: 1_000, admin: 0 })
  equal(boundedDetail('x'.repeat(2_049)), '')
})

test('inquired: the claim: outlives the token, whatever the product allows (PPB3)', () => {
  for (const multi of [false, true]) {
    for (const endsAt of [inquired.endsAt, now + 1]) {
      const made = offer({ inquired: { ...inquired, endsAt } }, true, { multi })
      ok('billMs' in made && made.bill?.id === 'i1' && made.billMs > endsAt - now)
    }
  }
})

test('inquired: twins: inquiries of one bill, for the product’s minutes or not at all (PPB3)', () => {
  const made = offer({}, true, { twinMinutes: 3 })
  ok('twin' in made)
  deepEqual([made.twin, made.twinMs], [twinWord(inquired), 180_000])
  const allowed = offer({}, true, { multi: true })
  ok('twin' in allowed && allowed.twin === '')
  equal(twinWord(inquired), twinWord({ ...inquired, id: 'i2', cost: 1, endsAt: 0 }))
  for (const some of [{ user: 'u2' }, { product: 'X' }, { destination: '1' }, { counter: 2 }]) {
    notEqual(twinWord(inquired), twinWord({ ...inquired, ...some }))
  }
})

test('inquired: the end: half an hour, or the end of the day in Jakarta (PPB1)', () => {
  equal(endOf(now, false), now + 1_800_000)
  equal(endOf(now, true), Date.UTC(2026, 5, 1, 17))
  equal(endOf(Date.UTC(2026, 5, 1, 17), true), Date.UTC(2026, 5, 2, 17))
  equal(endOf(Date.UTC(2026, 5, 1, 17) - 1, true), Date.UTC(2026, 5, 1, 17))
})

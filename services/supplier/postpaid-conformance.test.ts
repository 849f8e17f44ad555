import { fail } from 'node:assert/strict'
import { test } from 'node:test'
import { digiflazzPostpaid } from './digiflazz-postpaid.ts'
import { generic } from './generic.ts'
import { otomax, signOf } from './otomax.ts'
import type { Postpaid } from './postpaid.ts'
import { type PostpaidSamples, postpaidConformance } from './postpaid-conformance.ts'

const data = {
  ...{ ref_id: 'L-1', customer_no: '530000000001', buyer_sku_code: 'pln', message: 'Sukses' },
  ...{ rc: '00', status: 'Sukses', customer_name: 'BUDI', price: 40_000, admin: 2_500 },
  ...{ selling_price: 42_000, desc: { daya: 1_300, detail: [{ periode: 'JUN 2026' }] } },
}
const bodyOf = (change: object) => JSON.stringify({ data: { ...data, ...change } })
const meter = {
  ...{ status: 'Sukses', rc: '00', customer_no: '12345678901', name: 'BUDI' },
  ...{ meter_no: '12345678901', subscriber_id: '53', segment_power: 'R1 /000001300' },
}

const samples: PostpaidSamples = {
  asked: { ref: 'L-1', sku: 'pln', dest: '530000000001', maxPrice: 0, testing: false },
  credentials: { username: 'buyer', apiKey: 'apikey-1', webhookSecret: 'hook-secret' },
  secrets: ['apikey-1', 'hook-secret'],
  billWith: bodyOf,
  bill: {
    ...{ customerName: 'BUDI', cost: 40_000, suggested: 42_000, admin: 2_500 },
    ...{ periods: 'JUN 2026', detail: JSON.stringify(data.desc) },
  },
  strangers: [{ ref_id: 'L-2' }, { customer_no: '530000000002' }, { buyer_sku_code: 'pdam' }],
  amountless: [{ price: undefined }, { price: 0 }, { price: -1 }, { price: 9.5 }, { price: 'x' }],
  refusal: { body: bodyOf({ rc: '60', status: 'Gagal' }), code: '60' },
  trouble: JSON.stringify({ data: { rc: '45', status: 'Gagal', message: 'IP' } }),
  pays: ({ body = '' }) => body.includes('"pay-pasca"'),
  meter: {
    number: '12345678901',
    good: JSON.stringify({ data: meter }),
    foreign: JSON.stringify({ data: { ...meter, customer_no: '12345678902' } }),
  },
}

for (const { title, run } of postpaidConformance(digiflazzPostpaid, samples)) {
  test(`postpaid conformance: digiflazz: ${title}`, run)
}

const otomaxLogin = {
  ...{ memberId: 'member1', pin: '1234', password: 'kata-sandi', callbackToken: 'jalan-rahasia' },
}
const otomaxAsked = {
  ref: 'L-1',
  sku: 'BAYARPLN',
  dest: '530000000001',
  maxPrice: 0,
  testing: false,
}
const lineParts = {
  ...{ ref: 'L-1Q', product: 'CEKPLN', dest: '530000000001', total: '97.500', admin: '2.500' },
}
const lineOf = (change: Readonly<Record<string, unknown>>): string => {
  const { ref, product, dest, total, admin } = { ...lineParts, ...change }
  return (
    `T#7 R#${ref} PLN Pascabayar ${product}.${dest} SUKSES. SN/Ref: BUDI/TAG:95.000/ADM:${admin}` +
    `/TOTAL:${total}/PERIODE:JUN 2026. Saldo 279.655 @12:01`
  )
}
const otomaxSamples: PostpaidSamples = {
  isProse: true,
  ...{ asked: otomaxAsked, credentials: otomaxLogin },
  secrets: [signOf(otomaxLogin, { ...otomaxAsked, sku: 'CEKPLN', ref: 'L-1Q' })],
  billWith: lineOf,
  bill: {
    ...{ customerName: 'BUDI', cost: 97_500, suggested: 97_500, admin: 2_500 },
    ...{ periods: 'JUN 2026', detail: '' },
  },
  // Its own payment, told again, is no bill either.
  strangers: [{ ref: 'L-2Q' }, { ref: 'L-1' }, { dest: '530000000002' }, { product: 'CEKPDAM' }],
  amountless: [{ total: '' }, { total: '0' }, { total: 'x' }, { total: '9,5.5' }, { admin: '1.5' }],
  refusal: {
    body: 'R#L-1Q PLN CEKPLN.530000000001 GAGAL. Tagihan belum ada. Saldo 279.655',
    code: 'failed',
  },
  trouble: 'R#L-1Q CEKPLN.530000000001 GAGAL. Saldo tidak cukup',
  pays: ({ path }) => path.includes('product=BAYARPLN&'),
}

for (const { title, run } of postpaidConformance(otomax.postpaid!, otomaxSamples)) {
  test(`postpaid conformance: otomax: ${title}`, run)
}

const json = (fields: object) => ({ method: 'POST', body: { type: 'json', fields } })
const named = { ref: '{ref}', sku: '{sku}', to: '{dest}', key: '{cred.apiKey}' }
const genericTemplate = {
  card: {
    ...{ recheck: 'read_only', recheckAfterMs: 5_000, recheckWithinMs: 3_600_000 },
    clientReference: true,
  },
  purchase: { path: '/order', ...json(named) },
  check: { method: 'GET', path: '/order/{ref}' },
  reply: {
    ...{ by: 'json', status: 'data.status', fields: { ref: 'data.ref' } },
    ...{ success: ['sukses'], failed: ['gagal'], pending: ['proses'] },
  },
  bills: {
    inquiry: { path: '/bill', ...json(named) },
    pay: { path: '/bill/pay', ...json(named) },
    reply: {
      ...{ by: 'json', status: 'data.status', success: ['ada'], failed: ['tidak ada'] },
      trouble: ['ditolak'],
      fields: {
        ...{ ref: 'data.ref', dest: 'data.to', name: 'data.nama', periods: 'data.bulan' },
        ...{ cost: 'data.harga', total: 'data.total', admin: 'data.admin' },
      },
    },
  },
}
const shopBill = {
  ...{ status: 'ada', ref: 'L-1', to: '530000000001', nama: 'BUDI', bulan: 'JUN 2026' },
  ...{ harga: 40_000, total: '42000', admin: 2_500 },
}
const genericBody = (change: object) => JSON.stringify({ data: { ...shopBill, ...change } })
const genericSamples: PostpaidSamples = {
  asked: { ...otomaxAsked, sku: 'pln' },
  credentials: { apiKey: 'kunci-panjang' },
  secrets: ['kunci-panjang'],
  billWith: genericBody,
  bill: {
    ...{ customerName: 'BUDI', cost: 40_000, suggested: 42_000, admin: 2_500 },
    ...{ periods: 'JUN 2026', detail: '' },
  },
  strangers: [{ ref: 'L-2' }, { to: '530000000002' }, { to: undefined }, { ref: undefined }],
  amountless: [{ harga: 0 }, { harga: -1 }, { harga: 9.5 }, { harga: 'x' }, { total: '1.5' }],
  refusal: { body: genericBody({ status: 'Tidak Ada' }), code: 'Tidak Ada' },
  trouble: genericBody({ status: 'ditolak' }),
  pays: ({ path }) => path === '/bill/pay',
}
const genericBills = (change: object = {}) =>
  generic.configure!({ template: JSON.stringify({ ...genericTemplate, ...change }) }).postpaid!

for (const { title, run } of postpaidConformance(genericBills(), genericSamples)) {
  test(`postpaid conformance: generic: ${title}`, run)
}

const repeating = genericBills({
  card: { ...genericTemplate.card, recheck: 'repeat_purchase', recheckAfterMs: 60_000 },
  check: undefined,
})
for (const { title, run } of postpaidConformance(repeating, genericSamples)) {
  test(`postpaid conformance: generic that repeats: ${title}`, run)
}

/** One mistake each, and the case that must notice. */
const broken: Readonly<Record<string, [flaw: Partial<Postpaid>, title: RegExp]>> = {
  'believes a bill of somebody else': [
    {
      readBill: (answer, asked, credentials) => {
        const ref = /"ref_id":"([^"]*)"/.exec(answer.body)?.[1] ?? asked.ref
        return digiflazzPostpaid.readBill(answer, { ...asked, ref }, credentials)
      },
    },
    /somebody else/,
  ],
  'asks by paying': [{ status: digiflazzPostpaid.pay }, /one pays/],
  'pays with its question about a payment, and does not say so': [
    {
      ...otomax.postpaid!,
      readBill: digiflazzPostpaid.readBill,
      statusRepeats: undefined as never,
    },
    /one pays/,
  ],
  'takes every no for one about the bill': [
    {
      readBill: (answer, asked, credentials) => {
        const told = digiflazzPostpaid.readBill(answer, asked, credentials)
        return told.outcome === 'failed' ? { ...told, supplierTrouble: false } : told
      },
    },
    /about us/,
  ],
  'keeps whole answers': [
    {
      readBill: (answer, asked, credentials) => ({
        ...digiflazzPostpaid.readBill(answer, asked, credentials),
        reply: answer.body,
      }),
    },
    /evidence/,
  ],
  'takes any meter': [
    {
      meter: {
        ...digiflazzPostpaid.meter!,
        read: (answer, _, credentials) => {
          const number = /"customer_no":"(\d+)"/.exec(answer.body)?.[1] ?? ''
          return digiflazzPostpaid.meter!.read(answer, number, credentials)
        },
      },
    },
    /a meter/,
  ],
}

for (const [what, [flaw, title]] of Object.entries(broken)) {
  test(`postpaid conformance: an adapter that ${what}: is found out (PPJ1, PPJ2, PPJ3, PPJ4)`, () => {
    const cases = postpaidConformance({ ...digiflazzPostpaid, ...flaw }, samples)
    const found = cases.filter(({ run }) => {
      try {
        run()
        return false
      } catch {
        return true
      }
    })
    if (!found.some(one => title.test(one.title))) fail(found.map(one => one.title).join('; '))
  })
}

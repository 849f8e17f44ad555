import { fail } from 'node:assert/strict'
import { test } from 'node:test'
import { digiflazzPostpaid } from './digiflazz-postpaid.ts'
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
      readMeter: (answer, _, credentials) => {
        const number = /"customer_no":"(\d+)"/.exec(answer.body)?.[1] ?? ''
        return digiflazzPostpaid.readMeter(answer, number, credentials)
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

/** A supplier that is data only, its answers and reports, for `conformance.ts`. */

import { hash } from 'node:crypto'
import type { Samples } from './conformance.ts'
import { generic } from './generic.ts'

const credentials = { user: 'toko', apiKey: 'kunci-panjang', callbackToken: 'jalan-rahasia' }
const ref = 'L0192f0c4a1b27c3d8e4f5a6b7c8d9e0f-1'

const fields = {
  ...{ ref: 'data.ref', dest: 'data.to', sn: 'data.sn', cost: 'data.price', reason: 'msg' },
}
const signed = {
  ...{ sku: '{sku}', to: '{dest}', ref: '{ref}', sign: '{md5 cred.user cred.apiKey ref}' },
}
const template = {
  card: {
    ...{ recheck: 'read_only', recheckAfterMs: 5_000, recheckWithinMs: 3_600_000 },
    clientReference: true,
  },
  purchase: { method: 'POST', path: '/order', body: { type: 'json', fields: signed } },
  check: { method: 'GET', path: '/order/{ref}', headers: { 'X-Key': '{cred.apiKey}' } },
  reply: {
    ...{ by: 'json', status: 'data.status', fields },
    ...{ success: ['sukses'], failed: ['gagal'], pending: ['proses'] },
  },
  callbacks: true,
}
export const genericOfSamples = generic.configure!({ template: JSON.stringify(template) })

const data = { status: 'sukses', ref, to: '082211112222', sn: '1234567890', price: 25_000 }
const bodyOf = (change: object): string => JSON.stringify({ data: { ...data, ...change } })
const { price: _, ...priceless } = data

export const genericSamples: Samples = {
  isWaySecret: true,
  asked: { ref, sku: 'S25', dest: '082211112222', maxPrice: 26_000, testing: false },
  credentials,
  secrets: [credentials.apiKey],
  answers: {
    success: { body: bodyOf({}) },
    pending: { body: bodyOf({ status: 'proses', sn: '' }) },
    failedRetryable: { body: bodyOf({ status: 'gagal', sn: '' }) },
    otherCase: { body: bodyOf({ status: 'SUKSES' }) },
    numbersAsText: { body: bodyOf({ price: '25000' }) },
    priceMissing: { body: JSON.stringify({ data: priceless }) },
    nameTwice: { body: bodyOf({}).replace('{"status"', '{"status":"gagal","status"') },
    stranger: { body: bodyOf({ ref: `${ref}1` }) },
  },
  successWith: ({ sn = data.sn, price = '25000' }) => ({
    body: bodyOf({ sn }).replace('"price":25000', `"price":${price}`),
  }),
  buys: ({ method }) => method === 'POST',
  deliver: body => ({
    headers: { 'x-callback-digest': hash('sha256', credentials.callbackToken) },
    body: Buffer.from(body),
  }),
  callbacks: {
    success: bodyOf({}),
    pending: bodyOf({ status: 'proses', sn: '' }),
    failed: bodyOf({ status: 'gagal', sn: '' }),
  },
}

/** One that is asked how an order stands by sending it once more. */
export const repeatingOfSamples = generic.configure!({
  template: JSON.stringify({
    ...template,
    card: { ...template.card, recheck: 'repeat_purchase', recheckAfterMs: 60_000 },
    check: undefined,
  }),
})

const tooLittle = { data: { status: 'gagal', ref }, msg: 'Saldo Anda tidak mencukupi' }
export const repeatingSamples: Samples = {
  ...genericSamples,
  answers: { ...genericSamples.answers, limit: { body: JSON.stringify(tooLittle) } },
}

/** VIP Reseller's answers and callbacks, for `conformance.ts`. */

import type { Sample, Samples } from './conformance.ts'
import { signatureOf } from './vip.ts'

const credentials = { apiId: 'vip-id', apiKey: 'vip-key-of-ours' }

const row = {
  trxid: 'VP123',
  data: '12345678',
  zone: '2001',
  service: 'ML86-S1',
  status: 'success',
  note: '1234567890',
  price: 25_000,
}
const waiting = { ...row, status: 'waiting', note: '', balance: 100_000 }
const message = 'Pesanan berhasil, pesanan akan diproses.'
const order = (change: object): Sample => ({
  body: JSON.stringify({ result: true, data: { ...waiting, ...change }, message }),
})
const status = (change: object, envelope: object = {}): Sample => ({
  body: JSON.stringify({ result: true, data: [{ ...row, ...change }], message: '', ...envelope }),
  occasion: 'check',
})
const refused = (why: string): Sample => ({
  body: JSON.stringify({ result: false, data: null, message: why }),
})
const { price: _, ...priceless } = row

export const vipSamples: Samples = {
  credentials,
  asked: {
    ...{ ref: 'ref-1', sku: 'game/ML86-S1', dest: '12345678(2001)', maxPrice: 26_000 },
    ...{ testing: false, theirId: 'VP123' },
  },
  secrets: [credentials.apiId, credentials.apiKey, signatureOf(credentials)],
  answers: {
    success: status({}),
    pending: order({}),
    failedRetryable: status({ status: 'error', note: 'Stok habis' }),
    failedFinal: status({ status: 'error', note: 'Zone tujuan salah.' }),
    refund: status({ status: 'error', note: '' }),
    wrongAuth: refused('Signature tidak valid'),
    limit: refused('Too many requests'),
    otherCase: status({ status: 'SUCCESS', service: 'ml86-s1' }),
    numbersAsText: status({ price: '25000' }, { result: 'true' }),
    priceMissing: {
      body: JSON.stringify({ result: true, data: [priceless] }),
      occasion: 'check',
    },
    contradiction: status({}, { result: false }),
    nameTwice: {
      ...status({}),
      body: status({}).body.replace('{"trxid"', '{"status":"error","trxid"'),
    },
    stranger: status({ data: '87654321' }),
  },
  successWith: ({ sn = row.note, price = '25000' }) => {
    const { body, ...rest } = status({ note: sn })
    return { body: body.replace('"price":25000', `"price":${price}`), ...rest }
  },
  buys: ({ body = '' }) => new URLSearchParams(body).get('type') !== 'status',
  deliver: body => ({
    headers: { 'x-client-signature': signatureOf(credentials) },
    body: Buffer.from(body),
  }),
  callbacks: {
    success: JSON.stringify({ data: row }),
    pending: JSON.stringify({ data: { ...row, status: 'processing', note: '' } }),
    failed: JSON.stringify({ data: { ...row, status: 'error', note: 'Zone tujuan salah.' } }),
  },
}

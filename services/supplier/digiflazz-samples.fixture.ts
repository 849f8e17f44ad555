/** Digiflazz's answers and callbacks, for `conformance.ts`. */

import { createHmac } from 'node:crypto'
import type { Samples } from './conformance.ts'
import { signOf } from './digiflazz.ts'

const credentials = { username: 'user', apiKey: 'key-of-ours', webhookSecret: 'hook-secret' }

const data = {
  ref_id: 'ref-1',
  customer_no: '087800001233',
  buyer_sku_code: 'xld25',
  message: 'Transaksi Sukses',
  status: 'Sukses',
  rc: '00',
  sn: '1234567890',
  buyer_last_saldo: 100_000,
  price: 25_000,
}
const bodyOf = (change: object): string => JSON.stringify({ data: { ...data, ...change } })
const refused = (rc: string) => ({
  body: JSON.stringify({ data: { rc, status: 'Gagal', message: 'Ditolak' } }),
})
const { price: _, ...priceless } = data

export const digiflazzSamples: Samples = {
  credentials,
  asked: {
    ...{ ref: 'ref-1', sku: 'xld25', dest: '087800001233', maxPrice: 26_000, testing: false },
  },
  secrets: [credentials.apiKey, credentials.webhookSecret, signOf(credentials, 'ref-1')],
  answers: {
    success: { body: bodyOf({}) },
    pending: { body: bodyOf({ status: 'Pending', rc: '03', sn: '' }) },
    failedRetryable: { body: bodyOf({ status: 'Gagal', rc: '55', sn: '' }) },
    failedFinal: { body: bodyOf({ status: 'Gagal', rc: '54', sn: '' }) },
    refund: { body: bodyOf({ status: 'Gagal', rc: '74' }), occasion: 'check' },
    wrongAuth: refused('41'),
    limit: refused('83'),
    otherCase: { body: bodyOf({ status: 'SUKSES' }) },
    numbersAsText: { body: bodyOf({ price: '25000', buyer_last_saldo: '100000' }) },
    priceMissing: { body: JSON.stringify({ data: priceless }) },
    contradiction: { body: bodyOf({ rc: '02' }) },
    nameTwice: { body: bodyOf({}).replace('{"ref_id"', '{"rc":"02","ref_id"') },
    stranger: { body: bodyOf({ ref_id: 'ref-2' }) },
  },
  successWith: ({ sn = data.sn, price = '25000' }) => ({
    body: bodyOf({ sn }).replace('"price":25000', `"price":${price}`),
  }),
  buys: ({ path }) => path === '/transaction',
  deliver(body) {
    const hmac = createHmac('sha1', credentials.webhookSecret).update(body).digest('hex')
    return { headers: { 'x-hub-signature': `sha1=${hmac}` }, body: Buffer.from(body) }
  },
  callbacks: {
    success: bodyOf({}),
    pending: bodyOf({ status: 'Pending', rc: '03', sn: '' }),
    failed: bodyOf({ status: 'Gagal', rc: '02', sn: '' }),
    ping: {
      headers: { 'x-digiflazz-event': 'ping' },
      body: Buffer.from('{"sed":"x","hook_id":"1","hook":{"url":"u","secret":"s"}}'),
    },
  },
}

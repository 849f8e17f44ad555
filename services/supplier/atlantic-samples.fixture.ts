/** Atlantic's answers and callbacks, for `conformance.ts`. */

import { signatureOf } from './atlantic.ts'
import type { Sample, Samples } from './conformance.ts'

const credentials = { apiKey: 'atlantic-key', username: 'our-username' }

const data = {
  id: 'TRX-77',
  reff_id: 'ref-1',
  layanan: 'Telkomsel 25.000',
  code: 'TSEL25',
  target: '081200000001',
  price: 25_000,
  sn: '1234567890',
  status: 'success',
  created_at: '2026-11-21 10:00:00',
}
const bodyOf = (change: object, envelope: object = {}): string =>
  JSON.stringify({ status: true, data: { ...data, ...change }, code: 200, ...envelope })
const refused = (code: number, message: string): Sample => ({
  body: JSON.stringify({ status: false, message, code }),
  status: code,
})
const { price: _, ...priceless } = data

export const atlanticSamples: Samples = {
  credentials,
  asked: {
    ...{ ref: 'ref-1', sku: 'TSEL25', dest: '081200000001', maxPrice: 26_000, testing: false },
    theirId: 'TRX-77',
  },
  secrets: [credentials.apiKey, signatureOf(credentials)],
  answers: {
    success: { body: bodyOf({}), occasion: 'check' },
    pending: { body: bodyOf({ status: 'pending', sn: null }) },
    failedRetryable: { body: bodyOf({ status: 'failed', sn: null }), occasion: 'check' },
    failedFinal: refused(400, 'Nomor tujuan salah'),
    refund: { body: bodyOf({ status: 'Error' }), occasion: 'check' },
    wrongAuth: refused(401, 'Invalid API Key'),
    limit: refused(429, 'Too many requests'),
    otherCase: { body: bodyOf({ status: 'Success' }), occasion: 'check' },
    numbersAsText: {
      body: bodyOf({ price: '25000' }, { status: 'true', code: '200' }),
      occasion: 'check',
    },
    priceMissing: { body: JSON.stringify({ status: true, data: priceless }), occasion: 'check' },
    contradiction: { body: bodyOf({}, { status: false }), occasion: 'check' },
    nameTwice: { body: bodyOf({}).replace('{"id"', '{"status":"failed","id"'), occasion: 'check' },
    stranger: { body: bodyOf({ reff_id: 'ref-2' }), occasion: 'check' },
  },
  successWith: ({ sn = data.sn, price = '25000' }) => ({
    body: bodyOf({ sn }).replace('"price":25000', `"price":${price}`),
    occasion: 'check',
  }),
  buys: ({ path }) => path !== '/transaksi/status',
  deliver: body => ({
    headers: { 'x-atl-signature': signatureOf(credentials) },
    body: Buffer.from(body),
  }),
  callbacks: {
    success: JSON.stringify({ event: 'transaksi', data }),
    pending: JSON.stringify({ event: 'transaksi', data: { ...data, status: 'pending' } }),
    failed: JSON.stringify({ event: 'transaksi', data: { ...data, status: 'Error' } }),
  },
}

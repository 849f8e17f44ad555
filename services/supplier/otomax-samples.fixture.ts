/** An OtomaX server's answers and reports, for `conformance.ts`. */

import { hash } from 'node:crypto'
import type { Sample, Samples } from './conformance.ts'
import { signOf } from './otomax.ts'

const credentials = {
  ...{ memberId: 'member1', pin: '1234', password: 'kata-sandi', callbackToken: 'jalan-rahasia' },
}
const ref = 'L0192f0c4a1b27c3d8e4f5a6b7c8d9e0f-1'
const asked = { ref, sku: 'S25', dest: '082211112222', maxPrice: 26_000, testing: false }

const line = (rest: string, about = ref): string =>
  `T#41168891 R#${about} Telkomsel 25.000 S25.082211112222 ${rest}`
const sold = (sn = '1234567890', price = '25.000'): string =>
  `SUKSES. SN/Ref: ${sn}. Saldo 279.655 - ${price} = 254.655 @12:01`
const answer = (rest: string, about?: string): Sample => ({ body: line(rest, about) })
const report = (status: number, said: string): string => {
  const message = encodeURIComponent(`S25.082211112222 ${said}`)
  return `t=190554&refid=${ref}&status=${status}&price=0&message=${message}`
}

export const otomaxSamples: Samples = {
  isProse: true,
  isWaySecret: true,
  asked,
  credentials,
  secrets: [signOf(credentials, asked)],
  answers: {
    success: answer(sold()),
    pending: answer('akan diproses. Saldo 279.655'),
    failedRetryable: answer('GAGAL. Produk gangguan. Saldo 279.655'),
    failedFinal: answer('GAGAL. Nomor tujuan salah. Saldo 279.655'),
    limit: answer('GAGAL. Saldo tidak cukup. Saldo 1.000'),
    otherCase: { body: line(sold().replace('SUKSES', 'Sukses')) },
    contradiction: answer('GAGAL. SUKSES. Saldo 279.655', 'L-1'),
    stranger: answer(sold(), 'L0192f0c4a1b27c3d8e4f5a6b7c8d9e0f-2'),
  },
  successWith: ({ sn, price }) => answer(sold(sn, price)),
  buys: ({ path }) => path.startsWith('/trx?'),
  deliver: body => ({
    headers: { 'x-callback-digest': hash('sha256', credentials.callbackToken) },
    body: Buffer.from(body),
  }),
  callbacks: {
    success: report(20, 'SUKSES. SN/Ref: 123. Saldo 279.655 - 25.000 = 254.655'),
    pending: report(2, 'akan diproses'),
    failed: report(40, 'GAGAL. Produk gangguan. Saldo 1'),
  },
}

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeRef } from '../../actors/order/standing.ts'
import { type Asked, evidence, type Occasion, readOutcome, replyBytesMax } from './adapter.ts'
import { adapters } from './adapters.ts'
import type { NotSent, Outcome } from './http-client.ts'
import { parseRef } from './reference.ts'

const order = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e888'
const ref = makeRef(order, 1)
const asked: Asked = { ref, sku: 'xld10', dest: '087800001230', maxPrice: 11_000, testing: false }
const credentials = { username: 'user', apiKey: 'key-key', webhookSecret: 'hook-secret' }

test('reference: round trip: names the order and the attempt (S1)', () => {
  equal(ref, 'L0193a7c24d1e70a19f3c5a7b21d0e888-1')
  deepEqual(parseRef(ref), { order, n: 1 })
  deepEqual(parseRef(makeRef(order, 99)), { order, n: 99 })
})

test('reference: what we could not have made: not read (S1)', () => {
  const strange = ['', 'L', 'ref-1', ref.toUpperCase(), `${ref}0x`, ref.replace('-1', '-0')]
  strange.push(ref.replace('-1', '-01'), ref.replace('-1', '-100'), ` ${ref}`, `${ref}\n`)
  strange.push(ref.replace('L', 'M'), 'L0193a7c24d1e40a19f3c5a7b21d0e888-1')
  for (const text of strange) equal(parseRef(text), null, JSON.stringify(text))
})

for (const adapter of adapters.values()) {
  const { name } = adapter.card
  const read = (outcome: Outcome, occasion: Occasion) =>
    readOutcome(adapter, { outcome, asked, occasion, credentials })

  test(`adapter ${name}: not sent: a failed purchase, and no news of a check (S2)`, () => {
    const ours: NotSent[] = ['bad_request', 'queue_full', 'queue_timeout', 'closing']
    const theirs: NotSent[] = ['connect_refused', 'connect_timeout', 'dns_failed', 'tls_failed']
    for (const why of [...ours, ...theirs]) {
      const supplierTrouble = theirs.includes(why)
      const purchase = read({ kind: 'not_sent', why, ms: 0 }, 'purchase')
      const expected = { outcome: 'failed', code: why, retryable: true, watch: false }
      deepEqual(purchase, { ...expected, message: '', reply: '', supplierTrouble })
      const check = read({ kind: 'not_sent', why, ms: 0 }, 'check')
      deepEqual(check, { outcome: 'unknown', why, reply: '', supplierTrouble })
    }
  })

  test(`adapter ${name}: sent and not answered: unknown (S3)`, () => {
    for (const why of ['answer_timeout', 'reset', 'closed_early', 'garbled'] as const) {
      for (const occasion of ['purchase', 'check'] as const) {
        equal(read({ kind: 'unknown', why, ms: 1 }, occasion).outcome, 'unknown')
      }
    }
  })

  test(`adapter ${name}: any answer whatever: read without a throw, evidence bounded (S4)`, () => {
    const body = fc.oneof(
      fc.string({ maxLength: 50, unit: 'binary' }),
      fc.json(),
      fc.json().map(json => `{"data":${json}}`),
      fc
        .dictionary(
          fc.constantFrom('rc', 'status', 'ref_id', 'sn', 'price', 'message', 'buyer_last_saldo'),
          fc.oneof(fc.jsonValue(), fc.constantFrom('00', '02', '03', '49', 'Sukses', 'Gagal', ref)),
        )
        .map(data => JSON.stringify({ data })),
    )
    fc.assert(
      fc.property(body, fc.integer({ min: 200, max: 599 }), (text, status) => {
        for (const occasion of ['purchase', 'check', 'callback'] as const) {
          const reading = read({ kind: 'answer', status, body: text, ms: 1 }, occasion)
          ok(Buffer.byteLength(reading.reply) <= replyBytesMax)
        }
        const claim = adapter.callback({}, Buffer.from(text), credentials)
        ok(claim.verdict === 'forged' || claim.verdict === 'ping')
      }),
      { numRuns: 300 },
    )
  })

  test(`adapter ${name}: card: the guards against a check that buys are there (S19)`, () => {
    const { recheck, recheckAfterMs, recheckWithinMs, clientReference } = adapter.card
    ok(clientReference || recheck === 'read_only')
    ok(recheckAfterMs >= 60_000 || recheck === 'read_only')
    ok(recheckWithinMs <= 80 * 86_400_000)
  })
}

test('evidence: secrets, control characters, halves of characters: gone (S4)', () => {
  equal(evidence('a key-key b user', ['key-key', 'user']), 'a *** b ***')
  equal(evidence('{\r\n"a": "\u0000"\t}', []), '{ "a": " " }')
  equal(evidence('\ud800', []), '\ufffd')
  equal(evidence('ab', ['a', '']), 'ab')
  const long = evidence('é'.repeat(5000), [])
  equal(long, 'é'.repeat(replyBytesMax / 2))
  equal(evidence('xé', [], 2), 'x')
  const split = `${'x'.repeat(replyBytesMax - 3)}key-key`
  ok(!evidence(split, ['key-key']).includes('k'))
})

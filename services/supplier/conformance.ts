/**
 * What every adapter must survive, as a table of cases over samples that the adapter's author
 * gives: its supplier's answers and callbacks, good and nasty. A test file runs them, see
 * `conformance.test.ts`.
 *
 * ADA1. What can't be read is unknown: no page, no half of an answer, no wrong shape, no answer
 *       about another order, no contradiction is ever failed or success.
 * ADA2. What was sent and not answered is unknown; what certainly was not sent has failed.
 * ADA3. A legible answer means the same whatever its letters' case and its numbers' type.
 * ADA4. Amounts are whole rupiah or null. A serial number is kept to the letter.
 * ADA5. Evidence is bounded, well-formed, in one line, and holds no word we authenticate with.
 * ADA6. A check that only reads can never buy; one that repeats the purchase is the purchase.
 * ADA7. A callback without its proof is forged. Where the proof covers neither body nor way, a
 *       callback is a hint at most.
 * ADA8. Reading remembers nothing: repeats and other orders of arrival say the same again.
 * ADA9. Where a check is the purchase once more, a no to our balance, access or pace is no word
 *       about the purchase that it repeats.
 */

import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import {
  type Adapter,
  type Asked,
  type Claim,
  type Credentials,
  messageLengthMax,
  type Occasion,
  type Reading,
  readOutcome,
  replyBytesMax,
  type SupplierRequest,
} from './adapter.ts'

export type Sample = {
  readonly body: string
  readonly status?: number
  /** `purchase` when absent. */
  readonly occasion?: Occasion
}

type Delivered = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export type Samples = {
  /** They answer in prose, where an answer that broke off may still be one. */
  readonly isProse?: true
  /** They can't sign, and their way to us is the secret: it proves whatever comes along it. */
  readonly isWaySecret?: true
  readonly asked: Asked
  readonly credentials: Credentials
  /** Words that must never be seen: keys, and what is computed from them. */
  readonly secrets: readonly string[]
  readonly answers: {
    readonly success: Sample
    readonly pending: Sample
    readonly failedRetryable: Sample
    readonly failedFinal?: Sample
    /** A success that they took back, as a check or callback would say it. */
    readonly refund?: Sample
    readonly wrongAuth?: Sample
    readonly limit?: Sample
    /** The success again: its status word in another case, its numbers as text. */
    readonly otherCase: Sample
    readonly numbersAsText?: Sample
    readonly priceMissing?: Sample
    /** Parts of one answer that can't both be true. */
    readonly contradiction?: Sample
    readonly nameTwice?: Sample
    /** A success of somebody else's order. */
    readonly stranger: Sample
  }
  /** The success with this serial number, or with this piece of JSON as its price. */
  readonly successWith: (what: { readonly sn?: string; readonly price?: string }) => Sample
  readonly buys: (request: SupplierRequest) => boolean
  /** Their callback with this body, proven as they prove it. */
  readonly deliver: (body: string) => Delivered
  readonly callbacks: {
    readonly success: string
    readonly pending: string
    readonly failed: string
    readonly ping?: Delivered
  }
}

type Case = { readonly title: string; readonly run: () => void }

export function conformance(adapter: Adapter, samples: Samples): Case[] {
  return [
    ...unreadable(adapter, samples),
    ...legible(adapter, samples),
    ...calls(adapter, samples),
    ...callbacks(adapter, samples),
  ].map(({ title, run }) => ({ title: `${adapter.card.name}: ${title}`, run }))
}

const megabytes10 = 'x'.repeat(10 * 1024 * 1024)
const page = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'

const neverReadable: Readonly<Record<string, string>> = {
  'nothing at all': '',
  blanks: ' \r\n ',
  'an HTML page': page,
  'a challenge page': '<!DOCTYPE html><title>Just a moment...</title>',
  'a bare word': 'Sukses',
  'a JSON null': 'null',
  'a JSON number': '0',
  'a JSON text': '"success"',
  'an empty object': '{}',
  'an empty list': '[]',
  'data that is null': '{"data":null}',
  'data that is a list of nothing': '{"data":[]}',
  'data that is a list of lists': '{"data":[[]]}',
  'data that is a text': '{"data":"success"}',
  'success without anything': '{"status":true,"result":true,"data":{},"code":200}',
  'a prototype of its own': '{"__proto__":{"status":"success"},"data":{"__proto__":null}}',
  'ten megabytes of nothing': megabytes10,
  'ten megabytes of JSON': `{"message":"${megabytes10}"}`,
  'a hundred thousand brackets': '['.repeat(100_000),
  'zeros and control characters': '\u0000\u0001\u0002\u007f',
  'halves of characters': '{"data":"\ud800"}\udfff',
}

function unreadable(adapter: Adapter, samples: Samples): Case[] {
  const { answers } = samples
  const read = reader(adapter, samples)
  const occasions = [answers.success.occasion ?? 'purchase', 'purchase', 'check'] as const
  const isUnknown = (sample: Sample): void => {
    for (const occasion of new Set(occasions)) {
      for (const status of [200, 403, 502]) {
        equal(read({ ...sample, occasion, status }).outcome, 'unknown')
      }
    }
  }
  return [
    ...Object.entries(neverReadable).map(([what, body]) => ({
      title: `${what}: unknown (ADA1)`,
      run: () => isUnknown({ body }),
    })),
    {
      title: 'an answer that breaks off, wherever: unknown (ADA1)',
      run() {
        if (samples.isProse) return
        for (const sample of [answers.success, answers.failedRetryable, answers.pending]) {
          const body = sample.body.trimEnd()
          for (let end = 0; end < body.length; end++) {
            equal(read({ ...sample, body: body.slice(0, end) }).outcome, 'unknown', `at ${end}`)
          }
        }
      },
    },
    ...(['contradiction', 'nameTwice', 'stranger'] as const).map(name => ({
      title: `${name}: unknown (ADA1)`,
      run() {
        const sample = answers[name]
        if (sample !== undefined) equal(read(sample).outcome, 'unknown')
      },
    })),
    {
      title: 'bytes of another charset: no failure of anything, and fit to be kept (ADA1, ADA5)',
      run() {
        const bytes = Buffer.from(answers.success.body.replace(/[0-9]{3}/, 'é\u00a0ß'), 'latin1')
        const reading = read({ ...answers.success, body: bytes.toString('utf8') })
        notEqual(reading.outcome, 'failed')
        ok(reading.reply.isWellFormed())
      },
    },
    {
      title: 'silence, cut lines, and what never left: unknown, and failed (ADA2)',
      run() {
        const { asked, credentials } = samples
        for (const why of ['answer_timeout', 'reset', 'closed_early', 'garbled'] as const) {
          for (const occasion of ['purchase', 'check'] as const) {
            const outcome = { kind: 'unknown', why, ms: 1 } as const
            const reading = readOutcome(adapter, { outcome, asked, occasion, credentials })
            equal(reading.outcome, 'unknown')
          }
        }
        const outcome = { kind: 'not_sent', why: 'queue_full', ms: 1 } as const
        const tell = (occasion: Occasion) =>
          readOutcome(adapter, { outcome, asked, occasion, credentials })
        equal(tell('purchase').outcome, 'failed')
        equal(tell('check').outcome, 'unknown')
      },
    },
  ]
}

function legible(adapter: Adapter, samples: Samples): Case[] {
  const { answers, successWith } = samples
  const read = reader(adapter, samples)
  const success = () => expect(read(answers.success), 'success')
  return [
    {
      title: 'success, pending, failures: each what it says (ADA3)',
      run() {
        const { cost } = success()
        ok(cost !== null && cost > 0)
        equal(read(answers.pending).outcome, 'pending')
        equal(expect(read(answers.failedRetryable), 'failed').retryable, true)
        const { failedFinal, refund } = answers
        if (failedFinal) equal(expect(read(failedFinal), 'failed').retryable, false)
        if (refund) equal(read(refund).outcome, 'failed')
      },
    },
    {
      title: 'wrong key, limit: the supplier is unwell, the order not delivered (ADA3)',
      run() {
        for (const sample of [answers.wrongAuth, answers.limit]) {
          if (sample === undefined) continue
          const reading = read(sample)
          ok(reading.outcome === 'failed' || reading.outcome === 'unknown', reading.outcome)
          equal(reading.supplierTrouble, true)
        }
      },
    },
    {
      title: 'wrong key, limit: they end no order that is asked about by repeating it (ADA9)',
      run() {
        if (adapter.card.recheck !== 'repeat_purchase') return
        for (const sample of [answers.wrongAuth, answers.limit]) {
          if (sample === undefined) continue
          equal(read({ ...sample, occasion: 'purchase' }).outcome, 'failed')
          const repeated = read({ ...sample, occasion: 'check' })
          deepEqual([repeated.outcome, repeated.supplierTrouble], ['unknown', true])
        }
      },
    },
    {
      title: 'other letters, numbers as text: the same success (ADA3)',
      run() {
        for (const sample of [answers.otherCase, answers.numbersAsText]) {
          if (sample === undefined) continue
          const { sn, cost } = expect(read(sample), 'success')
          deepEqual([sn, cost], [success().sn, success().cost])
        }
      },
    },
    {
      title: 'the price: whole rupiah or null (ADA4)',
      run() {
        const { priceMissing } = answers
        if (priceMissing) equal(expect(read(priceMissing), 'success').cost, null)
        const isJson = samples.isProse !== true
        if (isJson) equal(expect(read(successWith({ price: '"25000"' })), 'success').cost, 25_000)
        const odd = ['10000.5', '-1', '1e30', '"x"', '"25.000"', 'null', '[]', '{}', 'true', '""']
        for (const price of odd) {
          const reading = read(successWith({ price }))
          if (reading.outcome === 'success') equal(reading.cost, null, price)
          else equal(reading.outcome, samples.isProse ? 'unknown' : 'success', price)
        }
      },
    },
    {
      title: 'the serial number: to the letter (ADA4)',
      run() {
        const serials = [
          '1234-5678-9012-3456-7890/BUDI SANTOSO/R1M/900VA/32.5',
          '000123456789012345678901234567890',
          'kode “ñ” 漢字 🎮 \\ "x"',
          'a'.repeat(900),
        ]
        for (const sn of serials) equal(expect(read(successWith({ sn })), 'success').sn, sn)
      },
    },
    {
      title: 'evidence: bounded, one line, without secrets (ADA5)',
      run() {
        const { asked, credentials, secrets } = samples
        const echo = [adapter.purchase(asked, credentials), adapter.check(asked, credentials)]
        const words = [...secrets, ...echo.map(one => one.body ?? ''), ...echo.map(one => one.path)]
        const bodies = [
          `${page}\r\n${words.join('\r\n')}`,
          ...Object.values(neverReadable).map(body => body.slice(0, 20_000) + words.join('\n')),
          `${JSON.stringify({ message: words })}${'x'.repeat(100_000)}`,
        ]
        for (const sample of Object.values(answers)) check(read(sample))
        for (const body of bodies) check(read({ body }))
        check(read(successWith({ sn: words.join(' ') })))

        function check({ reply, ...rest }: Reading): void {
          ok(Buffer.byteLength(reply) <= replyBytesMax)
          ok(reply.isWellFormed() && !/[\r\n\0]/.test(reply))
          for (const secret of secrets) ok(!reply.includes(secret), `the reply shows ${secret}`)
          if (!('message' in rest)) return
          ok(Buffer.byteLength(rest.message) <= messageLengthMax)
          for (const secret of secrets) ok(!rest.message.includes(secret))
        }
      },
    },
    {
      title: 'the same answer again: the same reading (ADA8)',
      run() {
        const all = Object.values(answers)
        const once = all.map(read)
        deepEqual(all.toReversed().map(read).toReversed(), once)
      },
    },
  ]
}

function calls(adapter: Adapter, samples: Samples): Case[] {
  const { asked, credentials, buys } = samples
  return [
    {
      title: 'a check: never buys, or is the purchase itself (ADA6)',
      run() {
        const purchase = adapter.purchase(asked, credentials)
        ok(buys(purchase))
        const { theirId: _, ...nameless } = asked
        if (adapter.card.recheck === 'repeat_purchase') {
          deepEqual(adapter.check(asked, credentials), purchase)
        } else {
          ok(!buys(adapter.check(asked, credentials)))
          ok(!buys(adapter.check(nameless, credentials)))
        }
      },
    },
    {
      title: 'without a reference of ours: orders can be told apart (ADA6)',
      run() {
        const { card, laneOf } = adapter
        const isListed = card.reconcile === 'their_list'
        equal(laneOf !== undefined, isListed)
        ok(card.clientReference || isListed)
        if (laneOf === undefined) return
        equal(laneOf(asked), laneOf({ ...asked }))
        notEqual(laneOf(asked), laneOf({ ...asked, sku: `${asked.sku}9` }))
        notEqual(laneOf(asked), laneOf({ ...asked, dest: '081299999999' }))
      },
    },
  ]
}

function callbacks(adapter: Adapter, samples: Samples): Case[] {
  const { credentials, deliver } = samples
  const { ping, ...news } = samples.callbacks
  const claim = ({ headers, body }: Delivered): Claim =>
    adapter.callback(headers, body, credentials)
  const believed = adapter.card.callbacksSigned || samples.isWaySecret ? 'report' : 'hint'
  return [
    {
      title: 'a proven callback: believed as far as its proof goes (ADA7)',
      run() {
        for (const body of Object.values(news)) {
          const delivered = deliver(body)
          equal(claim(delivered).verdict, believed)
          equal(adapter.isPing(delivered.headers, delivered.body), false)
        }
      },
    },
    {
      title: 'no proof, a wrong one, another body: forged (ADA7)',
      run() {
        const { headers, body } = deliver(news.success)
        equal(claim({ headers: {}, body }).verdict, 'forged')
        for (const [name, value] of Object.entries(headers)) {
          const wrongs = ['', 'x', value.slice(1), value.slice(0, -1), `${value}0`, 'kept:']
          for (const wrong of wrongs) {
            equal(claim({ headers: { ...headers, [name]: wrong }, body }).verdict, 'forged', wrong)
          }
        }
        const none = Object.fromEntries(Object.keys(credentials).map(name => [name, '']))
        equal(adapter.callback(headers, body, none).verdict, 'forged')
        if (!adapter.card.callbacksSigned) return
        equal(claim({ headers, body: deliver(news.failed).body }).verdict, 'forged')
      },
    },
    {
      title: 'a proven callback that is not legible: no report and no hint (ADA1, ADA7)',
      run() {
        for (const body of Object.values(neverReadable)) {
          const { verdict } = claim(deliver(body))
          ok(verdict === 'garbled' || verdict === 'ping', `${verdict}: ${body.slice(0, 60)}`)
        }
      },
    },
    {
      title: 'repeated, and in another order: the same claims (ADA8)',
      run() {
        const all = Object.values(news).map(deliver)
        const once = all.map(claim)
        deepEqual([...all, ...all].map(claim), [...once, ...once])
        deepEqual(all.toReversed().map(claim), once.toReversed())
      },
    },
    {
      title: 'a ping: recognised, and nothing else is one (ADA7)',
      run() {
        if (ping === undefined) return
        equal(claim(ping).verdict, 'ping')
        equal(adapter.isPing(ping.headers, ping.body), true)
      },
    },
  ]
}

function reader(adapter: Adapter, { asked, credentials }: Samples) {
  return ({ body, status = 200, occasion = 'purchase' }: Sample): Reading =>
    adapter.read({ kind: 'answer', status, body, ms: 1 }, asked, occasion, credentials)
}

function expect<O extends Reading['outcome']>(
  reading: Reading,
  outcome: O,
): Extract<Reading, { outcome: O }> {
  equal(reading.outcome, outcome, JSON.stringify(reading).slice(0, 300))
  return reading as Extract<Reading, { outcome: O }>
}

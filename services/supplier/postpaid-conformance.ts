/**
 * What every supplier of bills must survive, over samples that its author gives, as
 * `conformance.ts` is for purchases. A test file runs the cases.
 *
 * PPJ1. Only a legible bill about our reference and number, with a whole amount, is a bill; what
 *       can't be read, or is about something else, is unknown, and a refusal says why.
 * PPJ2. Of inquiry, payment and status only the payment pays, and all name the same reference. Of
 *       those whose status repeats the payment, it is the payment word for word.
 * PPJ3. What is kept of an answer is bounded and holds no word we authenticate with.
 * PPJ4. Whose meter it is, is told by an answer about that meter alone, where they tell it.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  type Answered,
  type Asked,
  type Credentials,
  replyBytesMax,
  type SupplierRequest,
} from './adapter.ts'
import type { Bill, Postpaid } from './postpaid.ts'

export type PostpaidSamples = {
  /** A text may say all of a bill before its end. */
  readonly isProse?: true
  readonly asked: Asked
  readonly credentials: Credentials
  /** Words that must never be seen. */
  readonly secrets: readonly string[]
  /** Their bill with these fields changed, and what must be read of the unchanged one. */
  readonly billWith: (change: Readonly<Record<string, unknown>>) => string
  readonly bill: Bill
  /** Changes that make it somebody else's, or no amount. */
  readonly strangers: readonly Readonly<Record<string, unknown>>[]
  readonly amountless: readonly Readonly<Record<string, unknown>>[]
  readonly refusal: { readonly body: string; readonly code: string }
  /** It is about us, not about the bill. */
  readonly trouble: string
  readonly pays: (request: SupplierRequest) => boolean
  readonly meter?: { readonly number: string; readonly good: string; readonly foreign: string }
}

type Case = { readonly title: string; readonly run: () => void }

const answer = (body: string, status = 200): Answered => ({ kind: 'answer', status, body, ms: 1 })

export function postpaidConformance(postpaid: Postpaid, samples: PostpaidSamples): Case[] {
  const { asked, credentials, billWith, secrets } = samples
  const read = (body: string, status?: number) =>
    postpaid.readBill(answer(body, status), asked, credentials)
  const good = billWith({})
  const cases: Record<string, () => void> = {
    'a bill: read whole, whatever the HTTP status (PPJ1)': () => {
      for (const status of [200, 400, 500]) {
        const told = read(good, status)
        deepEqual(told.outcome === 'bill' && told.bill, samples.bill)
      }
    },
    'pages, halves and other shapes: unknown (PPJ1)': () => {
      const wrong = ['', '<html>502</html>', '[]', 'null', '{}', '"x"']
      for (const body of wrong) equal(read(body).outcome, 'unknown', body)
      for (let end = 0; end < good.length; end++) {
        const told = read(good.slice(0, end))
        if (samples.isProse && told.outcome === 'bill') deepEqual(told.bill, samples.bill)
        else equal(told.outcome, 'unknown', good.slice(0, end))
      }
    },
    'somebody else’s, or without an amount: unknown (PPJ1)': () => {
      for (const change of [...samples.strangers, ...samples.amountless]) {
        equal(read(billWith(change)).outcome, 'unknown', JSON.stringify(change))
      }
    },
    'a refusal: says why; one about us is told apart (PPJ1)': () => {
      const no = read(samples.refusal.body)
      ok(no.outcome === 'failed' && !no.supplierTrouble)
      equal(no.code, samples.refusal.code)
      const trouble = read(samples.trouble)
      ok(trouble.outcome === 'failed' && trouble.supplierTrouble)
    },
    'requests: one pays, and all name the reference (PPJ2)': () => {
      const all = [postpaid.inquire, postpaid.pay, postpaid.status].map(make =>
        make(asked, credentials),
      )
      const { statusRepeats = false } = postpaid
      deepEqual(all.map(samples.pays), [false, true, statusRepeats])
      if (statusRepeats) deepEqual(all[2], all[1])
      for (const { path, body = '' } of all) ok((path + body).includes(asked.ref))
    },
    'evidence: bounded, and without our secrets (PPJ3)': () => {
      for (const body of [good, samples.refusal.body, `<p>${secrets.join(' ')}</p>`]) {
        const { reply } = read(`${body}${' '.repeat(9_000)}`)
        ok(Buffer.byteLength(reply) <= replyBytesMax)
        for (const secret of secrets) equal(reply.includes(secret), false)
      }
    },
    'a meter: told, of somebody else’s nothing (PPJ4)': () => {
      equal(postpaid.meter === undefined, samples.meter === undefined)
      if (samples.meter === undefined) return
      const { number, good: meter, foreign } = samples.meter
      const told = (body: string) => postpaid.meter!.read(answer(body), number, credentials).outcome
      equal(told(meter), 'meter')
      for (const body of [foreign, '', '<html>', meter.slice(0, -3)]) equal(told(body), 'unknown')
    },
  }
  return Object.entries(cases).map(([title, run]) => ({ title, run }))
}

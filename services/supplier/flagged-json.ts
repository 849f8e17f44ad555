/**
 * What suppliers have in common whose JSON says in one flag whether they accepted, carries the
 * order in `data`, refuses in a sentence, and whose webhook bears a static word.
 */

import { type Claim, type Occasion, type Reading, unknown } from './adapter.ts'
import { type Fields, isObject, readJson, rupiahIn, truthIn, wordIn } from './json.ts'
import { theirs } from './own-words.ts'
import { isProven } from './proof.ts'
import type { Blame } from './refusals.ts'

/** The envelope and what its flag says, or why it can't be read. */
export function openEnvelope(
  text: string,
  flag: string,
): { readonly envelope: Fields; readonly isAccepted: boolean } | string {
  const body = readJson(text)
  if (typeof body === 'string') return body
  if (!isObject(body.value)) return 'not_an_object'
  const isAccepted = truthIn(body.value[flag])
  return isAccepted === null ? `${flag}_missing` : { envelope: body.value, isAccepted }
}

/** Our balance, out of a profile that was given. */
export function balanceIn(text: string, flag: string): number | null {
  const read = openEnvelope(text, flag)
  if (typeof read === 'string' || !read.isAccepted) return null
  const { data } = read.envelope
  return isObject(data) ? rupiahIn(data['balance']) : null
}

/** A refusal is a failure only where it is known whose fault it was, and only of a purchase. */
export function refusalFor(
  blame: Blame | null,
  said: { readonly code: string | null; readonly message: string; readonly occasion: Occasion },
): Reading {
  const supplierTrouble = blame === 'account' || blame === 'limit'
  if (blame === null || said.occasion !== 'purchase') {
    return { ...unknown('refused'), supplierTrouble }
  }
  const { code, message } = said
  const retryable = blame !== 'destination'
  const common = { message, retryable, watch: false, reply: '', supplierTrouble }
  return { outcome: 'failed', code: code === null ? blame : theirs(code), ...common }
}

export function theirIdIn(row: Fields, name: string): { theirId?: string } {
  const theirId = wordIn(row, name)
  return theirId === null || theirId.length > theirIdLengthMax ? {} : { theirId }
}
const theirIdLengthMax = 64

/** What a webhook with the right word carries, or why nothing is made of it. */
export function openHook(
  claimed: string | undefined,
  proof: { readonly word: string; readonly body: Buffer },
): { readonly envelope: Fields; readonly data: Fields } | Claim {
  if (!isProven(claimed, proof)) return { verdict: 'forged' }
  const read = readJson(proof.body.toString('utf8'))
  if (typeof read === 'string') return { verdict: 'garbled', why: read }
  const envelope = isObject(read.value) ? read.value : {}
  const { data } = envelope
  return isObject(data) ? { envelope, data } : { verdict: 'garbled', why: 'data_missing' }
}

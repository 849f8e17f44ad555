/**
 * Static signatures: one word, the same on every callback, as good as a password. It tells who
 * speaks and nothing about what is said, hence such a callback is a hint at most.
 *
 *   arrives: the word itself ─▶ stored: HMAC of the body, made with the word ─▶ read again
 *
 * ADF1. The word is compared in constant time; without one on our side nothing is believed.
 * ADF2. What is stored does not give the word away, and proves this very body once more.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'

const kept = 'kept:'

/** The header as it may be stored. */
export function keepable(word: string, body: Buffer): string {
  return word.startsWith(kept) ? word : kept + createHmac('sha256', word).update(body).digest('hex')
}

export function isProven(
  claimed: string | undefined,
  { word, body }: { readonly word: string; readonly body: Buffer },
): boolean {
  if (claimed === undefined || word === '') return false
  return isSame(claimed.trim(), word) || isSame(claimed, keepable(word, body))
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/**
 * Money is whole rupiah in a safe integer: up to 9,007 trillion, exact, and quick. Amounts are
 * checked where they enter and whenever they are added; a float can not get in.
 */

import { assert } from './assert.ts'

export type Rupiah = number

/** The most that moves at once: what a QR has place for. Nine hundred times that is still exact. */
export const amountMax: Rupiah = 9_999_999_999_999

export function isRupiah(value: unknown): value is Rupiah {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

/** A sum that is still exact; throws a violation when it would leave the safe integers. */
export function plus(a: Rupiah, b: Rupiah): Rupiah {
  const sum = a + b
  assert(Number.isSafeInteger(sum), 'money stays within the safe integers')
  return sum
}

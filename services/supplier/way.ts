/** Proof of those who can't sign: they know an address that nobody else was told. */

import { hash, timingSafeEqual } from 'node:crypto'

/** The gateway hands over the digest of what stood in the address: that may be stored. */
export function knowsTheWay(headers: Readonly<Record<string, string>>, token: string): boolean {
  const proof = headers['x-callback-digest']
  if (proof === undefined || token === '') return false
  const [told, expected] = [Buffer.from(proof), Buffer.from(hash('sha256', token))]
  return told.length === expected.length && timingSafeEqual(told, expected)
}

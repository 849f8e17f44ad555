/**
 * The sign of the OtomaX dialect: base64url of the raw SHA-1 over a text that ends in PIN and
 * password. Clones of the original get it wrong in ways of their own.
 *
 *   OtomaX|MEMBERID|PRODUCT|dest|refID|pin|password     an order, and its status
 *   OtomaX|CheckBalance|MEMBERID|pin|password           the balance
 *   OtomaX|ticket|MEMBERID|pin|password|amount          a deposit ticket
 *
 * OTS1. Member id and product are signed in capitals, destination and reference as they were sent.
 * OTS2. Other ways of signing are tried only for a partner to whom they were allowed, by name.
 * OTS3. Every comparison takes as long for a wrong secret as for a right one.
 */

import { hash, timingSafeEqual } from 'node:crypto'
import type { MemberCard, SignForm } from '../../services/contract/identity.ts'

export type Covered =
  | {
      readonly what: 'order'
      readonly product: string
      readonly dest: string
      readonly ref: string
    }
  | { readonly what: 'balance' }
  | { readonly what: 'ticket'; readonly amount: string }

type Login = Pick<MemberCard, 'memberId' | 'pin' | 'password' | 'signForms'>

export const signForms: readonly SignForm[] = [
  ...(['hex', 'padded', 'prefix', 'as-sent', 'trx-balance', 'pin-only'] as const),
]

/** `memberId` is as sent: only the form `as-sent` looks at it. */
export function isSigned(offered: string, covered: Covered, card: Login, memberId: string) {
  const may = (form: SignForm): boolean => card.signForms.includes(form)
  const heads = may('prefix') ? ['OtomaX', 'Otomax'] : ['OtomaX']
  const texts = bodiesOf(covered, card, memberId, may)
  const given = may('padded') || may('hex') ? [offered, bare(offered)] : [offered]
  let isOne = false
  for (const head of heads) {
    for (const text of texts) {
      const right = [signOf(`${head}|${text}`)]
      if (may('hex')) right.push(bare(hexSignOf(`${head}|${text}`)))
      for (const one of right) for (const sign of given) isOne = isSame(sign, one) || isOne
    }
  }
  return isOne
}

export const signOf = (text: string): string => hash('sha1', text, 'base64url')

/** What those send who take the digest's hex text for the digest. */
export const hexSignOf = (text: string): string =>
  Buffer.from(hash('sha1', text, 'hex')).toString('base64')

export function isSame(offered: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', offered, 'buffer'), hash('sha256', right, 'buffer'))
}

function bodiesOf(
  covered: Covered,
  { memberId: known, pin, password }: Login,
  sent: string,
  may: (form: SignForm) => boolean,
): string[] {
  switch (covered.what) {
    case 'order': {
      const { product, dest, ref } = covered
      const tail = `${dest}|${ref}|${pin}|${password}`
      const strict = `${known.toUpperCase()}|${product.toUpperCase()}|${tail}`
      return may('as-sent') ? [strict, `${sent}|${product}|${tail}`] : [strict]
    }
    case 'balance': {
      const strict = `CheckBalance|${known.toUpperCase()}|${pin}|${password}`
      const empty = `${known.toUpperCase()}||||${pin}|${password}`
      return may('trx-balance') ? [strict, empty] : [strict]
    }
    case 'ticket':
      return [`ticket|${known.toUpperCase()}|${pin}|${password}|${covered.amount}`]
  }
}

/** Plain base64 as base64url; a plus that was sent unescaped arrives as a space. */
const bare = (sign: string): string =>
  sign.replace(/=+$/, '').replaceAll(/[+ ]/g, '-').replaceAll('/', '_')

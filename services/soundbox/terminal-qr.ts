/**
 * The QRIS of a terminal: printed for all payments, or made for one. Computed whenever it is asked
 * for: the same registry gives the same text.
 *
 * SAB1. A QR names merchant (NMID) and terminal (terminal label), so that an acquirer's callback
 *       finds both; one for a payment also bears its reference.
 */

import type { Rupiah } from '../contract/words.ts'
import { build, chargesOf, type Merchant as QrisMerchant } from '../qris/qris.ts'
import type { Criteria } from '../qris/rules.ts'
import { labelOf } from './payment-place.ts'

type QrParty = {
  readonly nmid: string
  readonly qrName: string
  readonly city: string
  readonly postalCode: string
  readonly mcc: string
  readonly criteria: string
}

/** As the switching network knows the acquirer that we collect through. */
const scheme = 'ID.CO.LAJU.WWW'
const panIssuer = '93600999'

type QrText = { readonly qr: string } | { readonly problems: readonly string[] }

export function staticQr(party: QrParty, tid: string): QrText {
  return told(printed(party, tid).qris)
}

/** `reference`: a label of ours. */
export function dynamicQr(
  party: QrParty,
  tid: string,
  { amount, reference }: { readonly amount: Rupiah; readonly reference: string },
): QrText {
  const print = printed(party, tid)
  if ('problems' in print.qris) return told(print.qris)
  print.charges ??= chargesOf(print.qris.ok, labelOf(anyPlace).length)
  if ('problems' in print.charges) return told(print.charges)
  return { qr: print.charges.ok(amount, reference) }
}

/** All labels are as long as each other. */
const anyPlace = { shard: 0, key: '0'.repeat(16) }

type Printed = {
  readonly qris: ReturnType<typeof build>
  /** From the first payment on. */
  charges?: ReturnType<typeof chargesOf>
}

/** What a party prints, by terminal, for as long as the registry has him as he is. */
const known = new WeakMap<QrParty, Map<string, Printed>>()

function printed(party: QrParty, tid: string): Printed {
  const own = known.get(party) ?? new Map<string, Printed>()
  known.set(party, own)
  const print = own.get(tid) ?? { qris: build(merchantOf(party, tid)) }
  own.set(tid, print)
  return print
}

function merchantOf(party: QrParty, tid: string): QrisMerchant {
  const digits = party.nmid.slice(2)
  const criteria = party.criteria as Criteria
  return {
    accounts: [{ scheme, pan: `${panIssuer}${digits.slice(-10)}`, merchantId: digits, criteria }],
    national: { nmid: party.nmid, criteria },
    mcc: party.mcc,
    name: party.qrName,
    city: party.city,
    postalCode: party.postalCode,
    labels: { terminalLabel: tid },
  }
}

const told = (read: ReturnType<typeof build>): QrText =>
  'ok' in read
    ? { qr: read.ok.text }
    : { problems: read.problems.map(({ path, code }) => `${path}: ${code}`) }

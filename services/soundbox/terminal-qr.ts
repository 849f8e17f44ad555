/**
 * The QRIS of a terminal: printed for all payments, or made for one. Computed whenever it is asked
 * for: the same registry gives the same text.
 *
 * SAB1. A QR names merchant (NMID) and terminal (terminal label), so that an acquirer's callback
 *       finds both; one for a payment also bears its reference.
 */

import type { Rupiah } from '../contract/words.ts'
import { build, type Merchant as QrisMerchant, toDynamic } from '../qris/qris.ts'
import type { Criteria } from '../qris/rules.ts'

export type QrParty = {
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

export type QrText = { readonly qr: string } | { readonly problems: readonly string[] }

export function staticQr(party: QrParty, tid: string): QrText {
  return told(printed(party, tid))
}

export function dynamicQr(
  party: QrParty,
  tid: string,
  { amount, reference }: { readonly amount: Rupiah; readonly reference: string },
): QrText {
  const read = printed(party, tid)
  if ('problems' in read) return told(read)
  return told(toDynamic(read.ok, { amount, labels: { referenceLabel: reference } }))
}

type Printed = ReturnType<typeof build>

/** What a party prints, by terminal, for as long as the registry has him as he is. */
const known = new WeakMap<QrParty, Map<string, Printed>>()

function printed(party: QrParty, tid: string): Printed {
  const own = known.get(party) ?? new Map<string, Printed>()
  known.set(party, own)
  const read = own.get(tid) ?? build(merchantOf(party, tid))
  own.set(tid, read)
  return read
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

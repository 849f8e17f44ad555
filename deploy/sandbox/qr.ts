/**
 * A merchant's QR as the acquirer reads it when a customer scans: tags, lengths, check sum, and the
 * few fields that a payment needs. It asks no more than that; whoever prints QRs keeps the rules.
 *
 * XQB1. A QR whose lengths or check sum do not fit can not be paid, and the answer says why.
 */

export type ScannedQr = {
  readonly isDynamic: boolean
  /** In rupiah, cents cut; null when the customer types it. */
  readonly amount: number | null
  readonly merchant: string
  readonly nmid: string | null
  /** Additional data 07: the terminal's label. */
  readonly terminal: string | null
  /** Additional data 05, else 01. */
  readonly reference: string | null
}

type Scanned = { readonly wrong: string } | { readonly ok: ScannedQr }

export function scan(text: string): Scanned {
  const tags = tagsIn(text)
  if (tags === null) return { wrong: 'This is no QR that can be paid: its lengths do not fit.' }
  const sum = tags.get('63')
  if (sum === undefined || sum.toUpperCase() !== checkSum(text.slice(0, -4))) {
    return { wrong: 'This is no QR that can be paid: its check sum is wrong.' }
  }
  const national = tagsIn(tags.get('51') ?? '')
  const additional = tagsIn(tags.get('62') ?? '')
  const amount = tags.get('54')
  return {
    ok: {
      isDynamic: tags.get('01') === '12',
      amount: amount === undefined ? null : Math.trunc(Number(amount)),
      merchant: tags.get('59') ?? '',
      nmid: national?.get('02') ?? null,
      terminal: additional?.get('07') ?? null,
      reference: additional?.get('05') ?? additional?.get('01') ?? null,
    },
  }
}

function tagsIn(text: string): Map<string, string> | null {
  const letters = [...text]
  const tags = new Map<string, string>()
  let at = 0
  while (at < letters.length) {
    const head = letters.slice(at, at + 4).join('')
    const length = Number(head.slice(2))
    const value = letters.slice(at + 4, at + 4 + length)
    if (!/^\d{4}$/.test(head) || length === 0 || value.length < length) return null
    tags.set(head.slice(0, 2), value.join(''))
    at += 4 + length
  }
  return tags
}

/** CRC-16/CCITT-FALSE, bit by bit. */
export function checkSum(text: string): string {
  let sum = 0xffff
  for (const byte of Buffer.from(text)) {
    sum ^= byte << 8
    for (let bit = 0; bit < 8; bit++) sum = (sum & 0x8000 ? (sum << 1) ^ 0x1021 : sum << 1) & 0xffff
  }
  return sum.toString(16).toUpperCase().padStart(4, '0')
}

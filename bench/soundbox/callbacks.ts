/** What an acquirer tells of payments, signed and as bytes, ready before the clock starts. */
import { createHmac } from 'node:crypto'
import type { Batch } from '../load/requests.ts'

/** Where somebody pays: a terminal as its QR names it, and the box beside it. */
export type Counter = {
  readonly nmid: string
  readonly tid: string
  readonly terminalId: string
  readonly device: string
  readonly secret: string
}

export type Payments = {
  readonly counters: readonly Counter[]
  /** Under which the acquirer signs. */
  readonly secret: string
  /** Amounts go up from here, one rupiah each. */
  readonly first: number
  readonly count: number
}

/** One payment at one counter after the other. */
export function callbacks({ counters, secret, first, count }: Payments): Batch {
  return batchOf(count, n => {
    const { nmid, tid } = counters[n % counters.length]!
    const amount = first + n
    return callback(secret, { nmid, tid, amount, reference: `RRN${amount}` })
  })
}

export type Told = {
  readonly nmid: string
  readonly tid: string
  readonly amount: number
  readonly reference: string
}

export function callback(secret: string, told: Told): string {
  const { nmid, tid, amount, reference } = told
  const paidAt = new Date().toISOString()
  const body =
    `{"event_id":"E${reference}","type":"payment","reference":"${reference}","nmid":"${nmid}",` +
    `"terminal_id":"${tid}","amount":${amount},"status":"paid","paid_at":"${paidAt}"}`
  const seconds = Math.floor(Date.now() / 1_000)
  const proof = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return posted('/integrations/qris/callback', body, {
    'X-Timestamp': String(seconds),
    'X-Signature': `sha256=${proof}`,
  })
}

export function posted(
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return (
    `POST ${path} HTTP/1.1\r\nHost: bench\r\n${lines.join('')}Content-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  )
}

export function batchOf(count: number, textOf: (n: number) => string): Batch {
  const parts = Array.from({ length: count }, (_, n) => Buffer.from(textOf(n), 'latin1'))
  let end = 0
  const ends = Uint32Array.from(parts, part => (end += part.length))
  return { bytes: Buffer.concat(parts), ends, count }
}

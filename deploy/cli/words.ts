/**
 * What was typed behind `npm run laju --`, read strictly, and how a verb answers.
 *
 * DC2. With --json there is nothing on stdout but JSON.
 */

import { isIP } from 'node:net'
import { parseArgs } from 'node:util'
import type { Database } from '../../sql/database.ts'
import type { Settings } from '../settings.ts'
import { help } from './help.ts'
import { momentIn } from './moment.ts'

/** What a verb has to work with. */
export type Tools = { readonly url: string; readonly db: Database; readonly settings: Settings }

/** What was typed makes no sense, in a sentence for who typed it. */
export class Misuse extends Error {}

export const { values, positionals } = parsed(() =>
  parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      name: { type: 'string' },
      ip: { type: 'string' },
      username: { type: 'string' },
      email: { type: 'string' },
      role: { type: 'string' },
      merchant: { type: 'string' },
      vendor: { type: 'string' },
      acks: { type: 'string' },
      adapter: { type: 'string' },
      serial: { type: 'string' },
      terminal: { type: 'string' },
      device: { type: 'string' },
      grace: { type: 'string' },
      level: { type: 'string' },
      rate: { type: 'string' },
      deposit: { type: 'string' },
      count: { type: 'string' },
      amount: { type: 'string' },
      ref: { type: 'string' },
      note: { type: 'string' },
      verdict: { type: 'string' },
      reason: { type: 'string' },
      sn: { type: 'string' },
      by: { type: 'string' },
      'supplier-returned': { type: 'boolean' },
      supplier: { type: 'string' },
      'not-sold': { type: 'boolean' },
      'what-if': { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }),
)

/** Who is noted as the one who did it. */
export const whoAsks = (): string => values.by ?? process.env['USER'] ?? 'operator'

/** An empty list lets everybody in; a list that can't be read would let nobody in. */
export function ranges(text: string): string[] {
  const list = text.split(',').map(one => one.trim())
  if (list.length === 1 && list[0] === '') return []
  for (const one of list) {
    const [address = '', bits, ...rest] = one.split('/')
    const most = isIP(address) === 6 ? 128 : 32
    const isFit = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
    if (isIP(address) === 0 || !isFit || rest.length > 0) {
      throw new Misuse(`--ip: ${one} is neither an address nor a range like 203.0.113.0/24.`)
    }
  }
  return list
}

export function whole(
  name: 'grace' | 'count' | 'rate' | 'level' | 'deposit' | 'amount',
  usual: number,
): number {
  const text = values[name]
  if (text === undefined) return usual
  if (!/^\d{1,15}$/.test(text)) throw new Misuse(`--${name} must be a whole number, not ${text}.`)
  return Number(text)
}

/** Null: not said. */
export function momentOf(name: 'from' | 'to'): number | null {
  const text = values[name]
  if (text === undefined) return null
  const at = momentIn(text)
  if (!Number.isNaN(at)) return at
  throw new Misuse(
    `--${name} is a day such as 2026-01-31 or a time such as 2026-01-31T00:00:00+07:00.`,
  )
}

export function snake(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}

export const print = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** It could not be done, and why. */
export function fail(sentence: string): number {
  if (values.json) print({ done: false, sentence })
  else process.stderr.write(`${sentence}\n`)
  return 1
}

export function say(sentence: string): number {
  process.stdout.write(`${values.json ? JSON.stringify({ done: true, sentence }) : sentence}\n`)
  return 0
}

/** What can not even be read is a misuse, and no stack tells anybody more about it. */
function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n\n${help}`)
    process.exit(2)
  }
}

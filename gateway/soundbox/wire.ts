/**
 * The soundbox line's views on the wire: names in snake_case, moments in RFC 3339. A moment is told
 * by its name: what ends in `At` or `Until`, `at`, `from`, `to`, `since`, `effectiveFrom`.
 *
 * DKH1. What is read back with the other function is what was told, moments aside.
 * DKH2. A moment that no calendar has is told as none, and spoils nothing beside it.
 */

import { toIso } from '../reading.ts'

type Plain = Readonly<Record<string, unknown>>

const moments: ReadonlySet<string> = new Set(['at', 'from', 'to', 'since', 'effectiveFrom'])
const isMoment = (name: string): boolean =>
  name.endsWith('At') || name.endsWith('Until') || moments.has(name)

/** What others named stays as they named it. */
const opaque: ReadonlySet<string> = new Set([
  ...['values', 'args', 'details', 'plan', 'before', 'after', 'payload', 'names'],
])

export function wire(value: unknown, name = ''): unknown {
  if (opaque.has(name)) return value
  if (typeof value === 'number' && isMoment(name)) return momentOf(value)
  if (Array.isArray(value)) return value.map(one => wire(one, name))
  if (typeof value !== 'object' || value === null) return value
  const told: Record<string, unknown> = {}
  for (const [key, one] of Object.entries(value)) told[snakeOf(key)] = wire(one, key)
  return told
}

const calendarMsMax = 8_640_000_000_000_000
const momentOf = (at: number): string | null => (Math.abs(at) <= calendarMsMax ? toIso(at) : null)

/** A row as it is told. */
export const wireRow = (row: object): Plain => wire(row) as Plain

/** Names of a body that was read, as the services call them; only the outermost ones. */
export function fieldsOf<T extends object>(body: T): Camel<T> {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [camelOf(key), value]),
  ) as Camel<T>
}

type CamelName<S> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<CamelName<B>>}` : S
type Camel<T> = { [K in keyof T as CamelName<K>]: Exclude<T[K], undefined> }

/** Names repeat: of most views the same dozen. */
const snakes = new Map<string, string>()
const snakesMax = 1_000

export function snakeOf(name: string): string {
  const known = snakes.get(name)
  if (known !== undefined) return known
  const snake = name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  if (snakes.size < snakesMax) snakes.set(name, snake)
  return snake
}

const camelOf = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/**
 * How the soundbox line answers: plain JSON when it went well, and its own envelope when not,
 * `{code, message, details, request_id, timestamp}`, with the stable code of the house in it.
 */

import { type Code, json, meanings, type Refusal, type Told, type Visit } from '../answer.ts'
import { codeText } from '../text/codes.id.ts'
import { snakeOf } from './wire.ts'

const rooms = ['/admin/', '/merchant/', '/device/', '/integrations/'] as const

/** Whether this is an address of the line, be there a door or not. */
export const isSoundboxPath = (path: string): boolean => rooms.some(room => path.startsWith(room))

/** From here on this visit is refused in the line's own envelope. */
export function speakSoundbox(visit: Visit): void {
  visit.dialect = (one, code, told) => {
    const { http, text, headers } = refusalOf(one, code, told)
    one.send(http, json, text, headers)
  }
}

export function refusalOf(
  { id }: Pick<Visit, 'id'>,
  code: Code,
  { details = {}, retryAfterMs, headers = {} }: Told,
): Refusal {
  const { http } = meanings[code]
  const waits = http === 429 || http === 503 || retryAfterMs !== undefined
  const text = JSON.stringify({
    ...{ code, message: codeText[code], details: inSnake(details), request_id: id },
    timestamp: new Date().toISOString(),
  })
  const after = { 'Retry-After': String(Math.max(1, Math.ceil((retryAfterMs ?? 1_000) / 1_000))) }
  return {
    http,
    text,
    headers: { 'Cache-Control': 'no-store', ...(waits ? after : {}), ...headers },
  }
}

/** Services call what they tell of by their own names, and so the fields that were wrong. */
const inSnake = (details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      snakeOf(name),
      named.has(name) && Array.isArray(value) ? value.map(fieldOf) : value,
    ]),
  )

const named: ReadonlySet<string> = new Set(['problems', 'fields'])
const fieldOf = (one: unknown): unknown =>
  typeof one === 'string' && /^[a-z][A-Za-z]*$/.test(one) ? snakeOf(one) : one

/** What was asked for, as it is. */
export function give(visit: Visit, data: unknown): void {
  visit.send(200, json, JSON.stringify(data))
}

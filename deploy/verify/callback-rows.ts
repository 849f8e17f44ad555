/**
 * What acquirers told us and were answered as taken: did the payment really take it? These rows are
 * written before the payment decides and judged behind it, so whatever they say was done stands in
 * its lines, also while an engine runs.
 *
 *   row ─▶ body ─▶ event, amount, status  ┐
 *   row ─▶ payment ─▶ its lines           ┴─▶ alike?
 *
 * Z77. What was applied has its event in the payment's lines, under its own name; what repeated
 *      something finds a payment that it could repeat. Money paid or given back is of the amount
 *      that the acquirer told, and of the merchant that the row names.
 */

import { type Body, type Event, keyOf, shardOf } from './chain.ts'
import type { Problems } from './problems.ts'
import type { Source } from './source.ts'

/** Of what was applied or repeated something; the body in hex. */
export type CallbackRow = readonly [
  place: string,
  result: string,
  payment: string | null,
  merchant: string | null,
  event: string | null,
  body: string,
]

type Told = { readonly event_id: string; readonly status: string; readonly amount: number }

export class CallbackRows {
  readonly #problems: Problems

  constructor(problems: Problems) {
    this.#problems = problems
  }

  /** When all shards are read. */
  async finish(source: Source): Promise<void> {
    for await (const rows of source.callbacks()) {
      const ids = rows.flatMap(([, , id]) => id ?? [])
      const stories = await source.stories(ids.map(placeOf))
      for (const row of rows) {
        const [place, , id] = row
        const { shard, key } = placeOf(id ?? '')
        const story = stories.get(`${shard}.${key}`) ?? []
        const text = wrongIn(row, story)
        if (text === null) continue
        const name = story.length === 0 ? 'extra' : 'changed'
        const where = id === null ? { shard: 0 } : { shard, actor: id }
        this.#problems.add(`qris_callback.${name}`, where, `${place} is ${row[1]}: ${text}`)
      }
    }
  }
}

const placeOf = (id: string) => ({ shard: shardOf(id), key: keyOf(id) })

function wrongIn(row: CallbackRow, story: readonly Body[]): string | null {
  const [, result, payment, merchant, event, body] = row
  const told = toldIn(body)
  if (told === null) return 'and nobody can read what it tells'
  if (told.event_id !== event) return `event_id is ${event}, its body says ${told.event_id}`
  if (payment === null) return 'and of no payment'
  if (story[0]?.k !== 'payment') return 'the journal has no such payment'
  const events = story.flatMap(({ e }) => e.filter(one => one !== null))
  const owner = events.find(({ type }) => type === 'created')?.['merchant']
  if (owner !== merchant) return `merchant_id is ${merchant}, the journal says ${owner}`
  const amounts = effectsOf(told, events, { mayBeOthers: result === 'duplicate' })
  if (amounts.length === 0) return `the journal knows of nothing ${told.status} by ${event}`
  const isMoney = told.status === 'paid' || told.status === 'refunded'
  if (!isMoney || amounts.includes(told.amount)) return null
  return `it tells ${told.amount}, the journal says ${amounts.join(', ')}`
}

function toldIn(hex: string): Told | null {
  try {
    return JSON.parse(Buffer.from(hex, 'hex').toString('utf8'))
  } catch {
    return null
  }
}

/** Of how much was whatever it brought about, or could repeat. */
function effectsOf(
  { event_id: name, status }: Told,
  events: readonly Event[],
  { mayBeOthers }: { readonly mayBeOthers: boolean },
): readonly number[] {
  const isIts = ({ eventId }: Event): boolean => mayBeOthers || eventId === name
  const ends = mayBeOthers ? ['failed', 'expired'] : [status]
  const refunds = events.filter(({ type }) => type === 'refunded')
  switch (status) {
    case 'paid':
      return events.filter(one => one.type === 'paid' && isIts(one)).map(({ amount }) => amount)
    case 'refunded': {
      const confirmed = events.find(
        one => one.type === 'refund_confirmed' && one['eventId'] === name,
      )
      const known = confirmed?.['refundId'] ?? name
      return refunds.filter(({ refundId }) => refundId === known).map(({ amount }) => amount)
    }
    default:
      return events.filter(one => ends.includes(one.type) && isIts(one)).map(() => 0)
  }
}

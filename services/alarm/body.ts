/** What a webhook is told: the alarms of one message as data, with the words that people read. */

import type { Item } from './telling.ts'
import { sentences, whatOf } from './text.id.ts'

const itemsMax = 100

/** A body of Standard Webhooks. */
export function bodyOf(items: readonly Item[], at: number): string {
  const alarms = items.slice(0, itemsMax).map(({ kind, alarm }) => ({
    ...{ id: alarm.id, told: kind, code: alarm.code, subject: alarm.subject },
    ...{ severity: alarm.severity, state: alarm.state },
    ...{ value: alarm.value, threshold: alarm.threshold },
    since: new Date(alarm.since).toISOString(),
    resolved_at: alarm.resolvedAt === null ? null : new Date(alarm.resolvedAt).toISOString(),
    ...{ message: whatOf(alarm), advice: sentences[alarm.code].advice },
  }))
  const data = { alarms, more: items.length - alarms.length }
  return JSON.stringify({ type: 'alarm', timestamp: new Date(at).toISOString(), data })
}

export function testBody(at: number, message: string): string {
  return JSON.stringify({
    ...{ type: 'alarm.test', timestamp: new Date(at).toISOString(), data: { message } },
  })
}

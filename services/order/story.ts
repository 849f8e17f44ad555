/**
 * An order's story: its own lines folded one after the other by its actor, and what each of them
 * adds to the timeline. The state keeps the last word on an attempt and the last change of all; the
 * journal keeps every word with its time, so a timeline is told from there and nowhere else.
 *
 * OST1. What was told of an earlier moment is how that of any later one begins: a step keeps its
 *       name and its time, whatever follows it.
 * OST2. A line of another actor, or of another id under the same key, tells nothing.
 */

import { order as orderActor } from '../../actors/order/order.ts'
import type { OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import { type Key, keyOf } from '../../engine/ids.ts'
import { decode, type JournalRecord, type Line } from '../../engine/record.ts'
import type { OrderStep } from '../contract/order-view.ts'

/** The order as it stood after one of its lines. */
export type Chapter = {
  readonly line: Line
  readonly record: JournalRecord
  readonly state: Placed
  /** All that had happened by then. */
  readonly timeline: readonly OrderStep[]
}

type Placed = Exclude<OrderState, { phase: 'absent' }>

export const storyOf = (lines: readonly Line[], trxId: string): Generator<Chapter> =>
  chapters(lines, keyOf(trxId), trxId)

/** As it stood at that moment, of whatever order is under the key; null when there was none yet. */
export function chapterAt(
  lines: readonly Line[],
  { key, trxId, at }: { key: Key; trxId?: string | undefined; at: number },
): Chapter | null {
  let last: Chapter | null = null
  for (const chapter of chapters(lines, key, trxId)) {
    if (chapter.record.at > at) break
    last = chapter
  }
  return last
}

function* chapters(lines: readonly Line[], key: Key, trxId?: string): Generator<Chapter> {
  const cell = new Cell(forget(orderActor), key)
  let timeline: readonly OrderStep[] = []
  for (const line of lines) {
    const record = decode(line.body)
    if (record.kind !== 'order' || (trxId !== undefined && record.id !== trxId)) continue
    cell.replay(record, line.seq)
    const state = cell.state as Placed
    const events = record.events as readonly OrderEvent[]
    const steps = events.flatMap(event => stepOf(event, state) ?? [])
    timeline = [...timeline, ...steps.map(step => ({ at: record.at, ...step }))]
    yield { line, record, state, timeline }
  }
}

function stepOf(event: OrderEvent, { order }: Placed): Omit<OrderStep, 'at'> | null {
  switch (event.type) {
    case 'placed':
    case 'parked':
      return { what: event.type }
    case 'dispatched':
      return { what: event.type, note: event.supplier }
    case 'rechecked':
      return { what: event.type, note: order.attempts[event.n - 1]!.supplier }
    case 'reported':
      return { what: event.outcome, note: order.attempts[event.n - 1]!.supplier }
    case 'attempt_failed':
      return { what: 'failed', note: order.attempts[event.n - 1]!.supplier }
    case 'delivered':
      return { what: 'success', note: order.attempts[event.n - 1]!.supplier }
    case 'failed':
      return { what: 'released' }
    case 'disputed':
      return { what: event.type, note: event.claim }
    case 'resolved':
      return event.verdict === 'refund' ? { what: 'refunded' } : null
    case 'checked':
    case 'held':
    case 'released':
    case 'rerouted':
    case 'sn_learned':
    case 'sn_noted':
      return null
  }
}

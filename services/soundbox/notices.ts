/**
 * What payments and boxes tell each other. A payment hands over what its box is to say, and the box
 * tells what became of it.
 *
 *   payment ──notify──▶ box: queued … played | digest | silent ──prove──▶ payment
 *      ▲                 └ can't have it, or knew it before ─┐                │
 *      └────────────────── noticed ◀─────────────────────────┘   notify and prove are answered
 *
 * DVQ1. A box's word on a message answers the notice of the payment as well: a journal line less
 *       for each payment that is heard.
 * DVQ2. Who had the message before is answered at once: nobody knows after a crash which word would
 *       answer the notice, and then it is handed over again.
 */

import type { DeviceEffect } from '../../actors/device/device-contract.ts'
import type { Payment } from '../../actors/payment/payment-contract.ts'
import type { Performer } from '../../engine/engine.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import type { EffectId } from '../../engine/record.ts'
import type { EngineRoom } from '../engine-room.ts'

export function noticePerformers({ engine }: Pick<EngineRoom, 'engine'>): {
  readonly notify: Performer
  readonly prove: Performer
} {
  /**
   * Notices that a box's word will answer, by message: as many as boxes have still to say, and
   * those that were handed over again.
   */
  const unanswered = new Map<string, EffectId>()

  return {
    async notify({ id, effect, from, shard }) {
      const { device, merchant, messageId, amount, text, lang, at } =
        effect as unknown as Payment['effect']
      const notice = { messageId, payment: from, amount, text, lang, at, merchant }
      const command = { type: 'queue', ...notice } as const
      // Before the box is asked: what is too old is told of in the same moment.
      unanswered.set(messageId, id)
      const place = { shard: shardOf(device), key: keyOf(device), kind: 'device' }
      const reply = await engine.ask({ ...place, command })
      if ('accepted' in reply && reply.changed) return null
      const why = 'refused' in reply ? reply.refused : null
      if (why !== null) unanswered.delete(messageId)
      const noticed: Payment['command'] = { type: 'noticed', messageId, why }
      return { shard, key: keyOf(from), kind: 'payment', command: noticed, cause: id }
    },

    /** The payment knows each message, so twice is once. */
    async prove({ id, effect, from, shard }) {
      const { payment, messageId, outcome, why } = effect as unknown as DeviceEffect
      const command: Payment['command'] = { type: 'prove', messageId, outcome, why }
      const place = { shard: shardOf(payment), key: keyOf(payment), kind: 'payment' }
      const notice = unanswered.get(messageId)
      await engine.ask({ ...place, command, ...(notice === undefined ? {} : { cause: notice }) })
      unanswered.delete(messageId)
      return { shard, key: keyOf(from), kind: 'device', command: { type: 'proved' }, cause: id }
    },
  }
}

/** What went over boxes' topics lately, for whoever looks into one; bounded, and only in memory. */

import type { ActorId, Millis } from '../../engine/ids.ts'
import type { MqttMessage } from '../contract/device.ts'

const entriesMax = 20_000
const payloadMax = 500

type Entry = MqttMessage & { readonly id: ActorId }

export class Traffic {
  readonly #entries: Entry[] = []
  #next = 0

  note(
    id: ActorId,
    { direction, topic, payload }: { direction: 'up' | 'down'; topic: string; payload: unknown },
    at: Millis,
  ): void {
    const text = JSON.stringify(payload) ?? ''
    this.#entries[this.#next] = { id, at, direction, topic, payload: text.slice(0, payloadMax) }
    this.#next = (this.#next + 1) % entriesMax
  }

  /** Newest first. */
  of(id: ActorId, limit: number): readonly MqttMessage[] {
    const found: MqttMessage[] = []
    for (let back = 1; back <= this.#entries.length && found.length < limit; back++) {
      const at = (this.#next - back + entriesMax) % entriesMax
      const entry = this.#entries[at]
      if (entry?.id !== id) continue
      const { id: _, ...message } = entry
      found.push(message)
    }
    return found
  }
}

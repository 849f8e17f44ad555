/**
 * The proof of each message about a payment, gathered until it is written: queued and ended by the
 * journal's word, published and received by what the wire says. The journal alone decides how it
 * ended; what the wire says is for those who look into it, and a crash may take the last of it.
 *
 * DVF1. The first word on each thing stands; how often it was published adds up. Only a digest that
 *       will never be told ends anew, as silent.
 * DVF2. What gathers is bounded: over the bound, words of the wire are let go.
 */

import type { DeviceEvent } from '../../actors/device/device-contract.ts'
import type { ActorId, Millis } from '../../engine/ids.ts'
import type { ProofPart } from '../../sql/soundbox/device.ts'

type Message = {
  readonly messageId: string
  readonly payment: ActorId
  readonly device: ActorId
  readonly amount?: number
}

const partsMax = 100_000

export class Proofs {
  #parts = new Map<string, ProofPart>()

  /** One event of a box, as it is in the journal. */
  take(device: ActorId, event: DeviceEvent, at: Millis): void {
    switch (event.type) {
      case 'queued':
        this.#part({ ...event, device }).queuedAt ??= at
        return
      case 'acked':
        this.#end({ ...event, device }, { outcome: 'played', why: event.status, at })
        return
      case 'summary_acked':
        for (const one of event.unsaid ?? []) {
          this.#end({ ...one, device }, { outcome: 'silent', why: 'no_word', at })
        }
        return
      case 'aged':
      case 'dropped': {
        const outcome = event.type === 'aged' ? 'digest' : 'silent'
        for (const one of event.notices) {
          this.#end({ ...one, device }, { outcome, why: event.why, at })
        }
        if (event.type === 'aged') return
        for (const one of event.missed ?? []) {
          this.#end({ ...one, device }, { outcome: 'silent', why: event.why, at })
        }
      }
    }
  }

  published(message: Message, at: Millis): void {
    if (this.#parts.size >= partsMax) return
    const part = this.#part(message)
    part.publishedAt ??= at
    part.publishedTimes++
  }

  received(message: Message, at: Millis): void {
    if (this.#parts.size >= partsMax) return
    this.#part(message).receivedAt ??= at
  }

  get waiting(): number {
    return this.#parts.size
  }

  /** What was learned since the last time. */
  drain(): readonly ProofPart[] {
    const parts = [...this.#parts.values()]
    this.#parts = new Map()
    return parts
  }

  #end(
    message: Message,
    { outcome, why, at }: { outcome: 'played' | 'digest' | 'silent'; why: string; at: Millis },
  ): void {
    const part = this.#part(message)
    if (part.outcome === 'digest' && outcome === 'silent') {
      Object.assign(part, { outcome, why, endedAt: at })
      return
    }
    part.outcome ??= outcome
    part.why ??= why
    part.endedAt ??= at
  }

  #part({ messageId, payment, device, amount }: Message): ProofPart {
    let part = this.#parts.get(messageId)
    if (part === undefined) {
      part = {
        ...{ messageId, transactionId: payment, deviceId: device, amount: 0 },
        ...{ queuedAt: null, publishedAt: null, publishedTimes: 0, receivedAt: null },
        ...{ outcome: null, why: null, endedAt: null },
      }
      this.#parts.set(messageId, part)
    }
    part.amount = Math.max(part.amount, amount ?? 0)
    return part
  }
}

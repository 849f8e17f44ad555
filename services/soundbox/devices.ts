/**
 * Every soundbox in memory, as a card: who may log in, where it stands, how it is set. A login asks
 * nobody. What it has still to say is not on the card; the post office keeps that of those who are
 * connected.
 *
 * DVD1. A card is never replaced by an older one, whichever road it comes by.
 * DVD2. At a terminal stands the box that was bound there last.
 * DVD3. A serial number names the one living box that has it; of two, it names none.
 */

import type { Device, DeviceFacts, DeviceState } from '../../actors/device/device-contract.ts'
import type { ActorId } from '../../engine/ids.ts'

export type Card = Omit<DeviceFacts, 'queue' | 'recent' | 'missed' | 'telling'> & {
  readonly id: ActorId
  /** The line of its shard that the card is of. */
  readonly seq: number
  readonly status: Exclude<DeviceState['phase'], 'absent'>
  readonly reason: string
  readonly waiting: number
}

/** Null for a box that was never provisioned. */
export function cardOf(id: ActorId, seq: number, state: Device['state']): Card | null {
  if (state.phase === 'absent') return null
  const { queue, recent: _, missed: __, telling: ___, ...facts } = state.device
  const reason = state.phase === 'active' ? '' : state.reason
  return { ...facts, id, seq, status: state.phase, reason, waiting: queue.length }
}

export class Devices {
  readonly #cards = new Map<ActorId, Card>()
  readonly #byTerminal = new Map<string, ActorId>()
  readonly #bySerial = new Map<string, Set<ActorId>>()

  get size(): number {
    return this.#cards.size
  }

  get = (id: ActorId): Card | undefined => this.#cards.get(id)

  /** Who speaks for a terminal. */
  at(terminal: string): Card | undefined {
    const id = this.#byTerminal.get(terminal)
    return id === undefined ? undefined : this.#cards.get(id)
  }

  /** By its id, or by what is printed on it. */
  named(name: string): Card | undefined {
    const own = this.#cards.get(name)
    if (own !== undefined) return own
    const ids = [...(this.#bySerial.get(name) ?? [])]
    const living = ids.filter(id => this.#cards.get(id)?.status !== 'retired')
    return living.length === 1 ? this.#cards.get(living[0]!) : undefined
  }

  all(): Iterable<Card> {
    return this.#cards.values()
  }

  put(card: Card): void {
    const known = this.#cards.get(card.id)
    if (known !== undefined && known.seq > card.seq) return
    this.#cards.set(card.id, card)
    const { serial } = card.model
    if (serial !== undefined) {
      this.#bySerial.set(serial, (this.#bySerial.get(serial) ?? new Set()).add(card.id))
    }
    const was = known?.binding?.terminal
    const is = card.binding?.terminal
    if (was !== undefined && was !== is && this.#byTerminal.get(was) === card.id) {
      this.#byTerminal.delete(was)
    }
    if (is === undefined) return
    const other = this.at(is)
    const isLater = other?.binding == null || other.binding.since <= card.binding!.since
    if (isLater) this.#byTerminal.set(is, card.id)
  }
}

/** For tests: a wire within the process, which loses what a test wants lost. */

import type { Wire } from './wire.ts'

type Packet = { readonly k: string; readonly words?: readonly { readonly t: string }[] }

export class PartyLine {
  readonly #wires: LocalWire[] = []
  readonly #kept = new Map<string, string>()

  join(): LocalWire {
    const wire = new LocalWire(`n${this.#wires.length + 1}`, this.#wires, this.#kept)
    this.#wires.push(wire)
    return wire
  }
}

export class LocalWire implements Wire {
  readonly id: string
  isUp = true
  /** Which of the packets that left do not arrive. */
  loses: (packet: Packet) => boolean = () => false
  readonly #all: readonly LocalWire[]
  readonly #kept: Map<string, string>
  #hear: (from: string, packet: unknown) => void = () => {}

  constructor(id: string, all: readonly LocalWire[], kept: Map<string, string>) {
    this.id = id
    this.#all = all
    this.#kept = kept
  }

  listen(hear: (from: string, packet: unknown) => void): void {
    this.#hear = hear
  }

  send(to: string | null, packet: unknown): boolean {
    if (!this.isUp) return false
    if (this.loses(packet as Packet)) return true
    const text = JSON.stringify(packet)
    setImmediate(() => {
      for (const wire of this.#all) {
        if (wire.isUp && (to === null || wire.id === to)) wire.#hear(this.id, JSON.parse(text))
      }
    })
    return true
  }

  keep(name: string, value: unknown): void {
    if (this.isUp) this.#kept.set(name, JSON.stringify(value))
  }

  async recall(name: string): Promise<unknown> {
    if (!this.isUp) throw new Error('cut')
    return JSON.parse(this.#kept.get(name) ?? 'null')
  }

  async close(): Promise<void> {
    // What was said last is under way, as with Redis.
    await new Promise(resolve => setImmediate(resolve))
    this.isUp = false
  }
}

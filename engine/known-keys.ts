/**
 * Which keys a shard has ever used, in fourteen bits each: a Bloom filter that grows by layers. It
 * answers the question that every new order asks, "was this reference here before?", with a sure
 * no in memory; only a "perhaps" is worth a look into the journal.
 *
 *   key (62 bits, uniform) ──▶ eight bits of a layer;  all set: perhaps;  one clear: surely not
 *
 * KK1. A key that was added is never denied.
 * KK2. Until every old key was added (`complete`), nothing is denied.
 * KK3. False alarms stay rare however many keys there are: a full layer is followed by one twice
 *      its size.
 */

import type { Key } from './ids.ts'

const usual = { firstCapacity: 2_048, bitsPerKey: 14 }
const probes = 8

type Layer = { readonly words: Uint32Array; readonly capacity: number; count: number }

export class KnownKeys {
  complete = false
  readonly #layers: Layer[]
  readonly #bitsPerKey: number

  /** More bits to a key, and a larger first layer, make false alarms rarer. */
  constructor({ firstCapacity, bitsPerKey } = usual) {
    this.#bitsPerKey = bitsPerKey
    this.#layers = [layerFor(firstCapacity, bitsPerKey)]
  }

  add(key: Key): void {
    let layer = this.#layers.at(-1)!
    if (layer.count >= layer.capacity) {
      layer = layerFor(layer.capacity * 2, this.#bitsPerKey)
      this.#layers.push(layer)
    }
    layer.count++
    const { words } = layer
    const size = words.length * 32
    const step = stepOf(key)
    let at = startOf(key) % size
    for (let i = 0; i < probes; i++) {
      words[at >>> 5]! |= 1 << (at & 31)
      at = (at + step) % size
    }
  }

  /** False only when this key was surely never used. */
  mayHave(key: Key): boolean {
    if (!this.complete) return true
    const start = startOf(key)
    const step = stepOf(key)
    for (const { words } of this.#layers) if (has(words, start, step)) return true
    return false
  }
}

function has(words: Uint32Array, start: number, step: number): boolean {
  const size = words.length * 32
  let at = start % size
  for (let i = 0; i < probes; i++) {
    if ((words[at >>> 5]! & (1 << (at & 31))) === 0) return false
    at = (at + step) % size
  }
  return true
}

const startOf = (key: Key): number => Number.parseInt(key.slice(0, 8), 16)
/** Odd, so that the probes of a key do not fall together. */
const stepOf = (key: Key): number => (Number.parseInt(key.slice(8), 16) | 1) >>> 0

const layerFor = (capacity: number, bitsPerKey: number): Layer => ({
  words: new Uint32Array(Math.ceil((capacity * bitsPerKey) / 32)),
  capacity,
  count: 0,
})

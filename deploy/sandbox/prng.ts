/**
 * Dice that remember nothing. A throw is a hash of what it is about, so the same seed gives the
 * same world however the calls arrive, and a new kind of throw never shifts the old ones.
 */

/** A 32-bit number from a seed and a text (FNV-1a with murmur's last stir). */
export function hashOf(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ seed
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return stir(hash)
}

/** The throw number `number` of a hash. */
export function mix(hash: number, number: number): number {
  return stir(hash ^ Math.imul(number + 1, 0x9e3779b1))
}

/** A hash as a fraction from 0 up to, not including, 1. */
export function unit(hash: number): number {
  return (hash >>> 0) / 0x1_0000_0000
}

/** A hash as a whole number from `min` to `max`, both included. */
export function between(hash: number, min: number, max: number): number {
  return min + Math.floor(unit(hash) * (max - min + 1))
}

function stir(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

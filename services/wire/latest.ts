/**
 * Remembering many things up to a bound: maps and sets keep the order in which they were filled,
 * so whoever was put in longest ago stands first, and goes first.
 *
 * LT1. There are never more than `max`, and what was just put in is among them.
 */

/** Puts `value` under `key` as the latest; the one longest untouched makes room. */
export function keepLatest<K, V>(kept: Map<K, V>, key: K, value: V, max: number): void {
  kept.delete(key)
  kept.set(key, value)
  forgetOldest(kept, max)
}

/** Forgets what was put in longest ago until no more than `max` are left. */
export function forgetOldest<K>(kept: Map<K, unknown> | Set<K>, max: number): void {
  if (kept.size <= max) return
  for (const key of kept.keys()) {
    kept.delete(key)
    if (kept.size <= max) return
  }
}

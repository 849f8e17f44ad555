/**
 * Remembering many things up to a bound: maps and sets keep the order in which they were filled,
 * so whoever was put in longest ago stands first, and goes first.
 *
 * LT1. There are never more than `max`, and what was just put in is among them.
 * LT2. Of many a few are forgotten together: the first of a map that is always cut at its beginning
 *      is found by walking over all that was cut, and a flood of names would cost that each time.
 */

const togetherShare = 1 / 16

/** Puts `value` under `key` as the latest; those longest untouched make room. */
export function keepLatest<K, V>(kept: Map<K, V>, key: K, value: V, max: number): void {
  kept.delete(key)
  kept.set(key, value)
  if (kept.size > max) forgetOldest(kept, max)
}

/** When there are more than `max`: forgets what was put in longest ago, until a few have room. */
export function forgetOldest<K>(kept: Map<K, unknown> | Set<K>, max: number): void {
  if (kept.size <= max) return
  const left = max - Math.floor(max * togetherShare)
  for (const key of kept.keys()) {
    kept.delete(key)
    if (kept.size <= left) return
  }
}

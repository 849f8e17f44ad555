/**
 * Tells stories block by block. One story again: `SEED=17 npm run sim`. Many new ones:
 * `SEEDS=200000 npm run sim`. The files that call this each tell their part, in processes of their
 * own.
 */

import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { stories } from '../../engine/sim/prng.ts'
import { World } from '../../engine/sim/world.ts'
import { Story } from './story.ts'

const usual = 20_000
const blockSize = 1_000

/** These failed once. They are told in every run, whatever else is. */
const onceFailed: readonly number[] = [1, 20, 22, 23, 233, 410, 3110, 3880, 10297, 96087]

/** What must come to pass somewhere in a full block, or the stories are about nothing. */
const mustBeSeen = [
  ...['placed', 'dispatched', 'reported', 'rechecked', 'attempt_failed', 'delivered', 'failed'],
  ...['held', 'released', 'rerouted', 'checked', 'ATTEMPT_UNKNOWN', 'RECHECK_TOO_SOON'],
  ...['parked', 'disputed', 'resolved', 'success', 'refund', 'accept_loss', 'dismiss'],
  ...['TWIN_ORDER', 'DUPLICATE_REF', 'INSUFFICIENT_BALANCE', 'PRODUCT_CLOSED'],
  ...['paid', 'reversed', 'bill'],
  ...['sent', 'received', 'confirmed', 'sn_learned', 'sn_noted'],
  ...['crash', 'takeover', 'failed write', 'recovery', 'sleep', 'wake'],
]

/** The same of all stories of a file together: a block may go without. */
const rare = ['sold after all', 'sold by an earlier one']

export function tellStories(part: number, of: number): void {
  const seeds = [...(part === 0 ? onceFailed : []), ...stories(usual, { part, of })]
  const what = 'whatever fails, orders end as their suppliers say, and the money adds up'
  const ever = new Set<string>()
  for (let from = 0; from < seeds.length; from += blockSize) {
    const block = seeds.slice(from, from + blockSize)
    const name = `seeds ${block[0]} to ${block.at(-1)}, V1 V2 V3 V4 V5 V6 V7`
    test(`simulation: ${name}: ${what}`, () => {
      const seen = new Map<string, number>()
      for (const seed of block) {
        for (const [name, count] of tell(seed)) seen.set(name, (seen.get(name) ?? 0) + count)
      }
      for (const [name, count] of seen) if (count > 0) ever.add(name)
      if (block.length < blockSize) return
      for (const what of mustBeSeen) ok((seen.get(what) ?? 0) > 0, `no story came to ${what}`)
    })
  }
  if (seeds.length < usual / of) return
  test('simulation: all seeds: what is rare was told as well', () => {
    for (const what of rare) ok(ever.has(what), `no story came to ${what}`)
  })
}

function tell(seed: number): ReadonlyMap<string, number> {
  const story = new Story()
  try {
    const { counts } = new World({ seed, outside: story }).run()
    const { seen } = story
    seen.set('crash', counts.crashes).set('takeover', counts.takeovers)
    seen.set('failed write', counts.failures).set('recovery', counts.recoveries)
    seen.set('sleep', counts.sleeps).set('wake', counts.wakes)
    return seen
  } catch (cause) {
    throw new Error(`seed ${seed} fails; tell it again: SEED=${seed} npm run sim`, { cause })
  }
}

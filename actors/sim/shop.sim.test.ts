/**
 * Tells the stories of merchants. One story again: `SEED=17`; many: `SEEDS=200000`, as for the
 * stories of orders.
 */

import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { stories } from '../../engine/sim/prng.ts'
import { World } from '../../engine/sim/world.ts'
import { ShopStory } from './shop-story.ts'

const usual = 4_000
const blockSize = 1_000

const mustBeSeen = [
  ...['created', 'paid', 'expired', 'failed', 'refunded', 'renotified', 'proved'],
  ...['refund_confirmed', 'late word of a box', 'PAID_AGAIN'],
  ...['sound played', 'sound digest', 'sound silent'],
  ...['batch created', 'batch paid', 'batch failed', 'batch cancelled', 'batch adjusted'],
  ...['batch reference_set', 'batch reprocessed', 'batch given', 'BANK_FILE_GIVEN'],
  ...['AMOUNT_MISMATCH', 'PAYMENT_UNPAID', 'PAYMENT_FINAL', 'REFUND_LIMIT', 'NOTHING_TO_SETTLE'],
  ...['crash', 'takeover', 'failed write', 'recovery'],
]

const seeds = stories(usual, { part: 0, of: 1 })
for (let from = 0; from < seeds.length; from += blockSize) {
  const block = seeds.slice(from, from + blockSize)
  const name = `seeds ${block[0]} to ${block.at(-1)}, SLS1 SLS2 SLS3 SLS4 SLS5 SLS6 SLS7`
  test(`simulation: merchants: ${name}: every rupiah is where it belongs`, () => {
    const seen = new Map<string, number>()
    for (const seed of block) {
      const story = new ShopStory()
      try {
        const { counts } = new World({ seed, outside: story }).run()
        for (const [what, count] of story.seen) seen.set(what, (seen.get(what) ?? 0) + count)
        const { crashes, takeovers, failures, recoveries } = counts
        for (const [what, count] of [
          ['crash', crashes],
          ['takeover', takeovers],
          ['failed write', failures],
          ['recovery', recoveries],
        ] as const) {
          seen.set(what, (seen.get(what) ?? 0) + count)
        }
      } catch (cause) {
        throw new Error(`seed ${seed} fails; tell it again: SEED=${seed}`, { cause })
      }
    }
    if (block.length < blockSize) return
    for (const what of mustBeSeen) ok((seen.get(what) ?? 0) > 0, `no story came to ${what}`)
  })
}

import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { stories } from '../../engine/sim/prng.ts'
import { World } from '../../engine/sim/world.ts'
import { BoxStory } from './boxes.ts'

const blockSize = 500
const usual = 3_000

/** What must come to pass somewhere in a full block, or the stories are about nothing. */
const mustBeSeen = [
  ...['queued', 'acked', 'aged', 'dropped', 'summarized', 'summary_acked', 'blocked', 'unbound'],
  ...['spoken', 'digest read', 'sound played', 'sound digest', 'sound silent'],
  'digest lost',
]

const seeds = stories(usual, { part: 0, of: 1 })
for (let from = 0; from < seeds.length; from += blockSize) {
  const block = seeds.slice(from, from + blockSize)
  const name = `seeds ${block[0]} to ${block.at(-1)}`
  test(`simulation: boxes: ${name}: every sound ends once (DVL1, DVL2, DVL3, DVL4)`, () => {
    const seen = new Map<string, number>()
    for (const seed of block) {
      for (const [what, count] of tell(seed)) seen.set(what, (seen.get(what) ?? 0) + count)
    }
    if (block.length < blockSize) return
    for (const what of mustBeSeen) ok((seen.get(what) ?? 0) > 0, `no story came to ${what}`)
  })
}

function tell(seed: number): ReadonlyMap<string, number> {
  const outside = new BoxStory()
  try {
    new World({ seed, outside }).run()
    return outside.seen
  } catch (cause) {
    throw new Error(`seed ${seed} fails; tell it again: SEED=${seed} npm run sim`, { cause })
  }
}

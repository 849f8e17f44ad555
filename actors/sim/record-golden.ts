/**
 * Writes a golden journal: `node actors/sim/record-golden.ts 17 order-v2` tells the story of seed
 * 17 and keeps what it left behind, and what it came to, in `engine/golden/`. To be run once for
 * every version of event shapes that was ever released; what it wrote is never written again.
 */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyActor } from '../../engine/actor.ts'
import { emptyShard, Shard } from '../../engine/shard.ts'
import { type Outside, World } from '../../engine/sim/world.ts'
import { floorOf } from '../chart.ts'
import { outcomeOf } from './golden.ts'
import { NumberStory, numberActors } from './numbers.ts'
import { ShopStory, shopActors } from './shop-story.ts'
import { actors as orderActors, Story } from './story.ts'

const [seed = '1', name = 'order-v1'] = process.argv.slice(2)
const folder = join(import.meta.dirname, '../../engine/golden')
if (existsSync(join(folder, `${name}.jsonl`))) throw new Error(`${name} is written, for ever`)

const { actors, tell } = castOf(name)
const outside = tell()
const { journal, shards } = new World({ seed: Number(seed), outside }).run()
const kinds = new Map(actors.map(actor => [actor.name, actor]))
const lines = Array.from({ length: shards }, (_, shard) => journal.lines(shard))
const outcomes = lines.map((tail, index) =>
  outcomeOf(new Shard({ ...emptyShard(index, 1), tail }, kinds, floorOf, 0)),
)
write(`${name}.jsonl`, lines.flat())
write(`${name}.outcome.jsonl`, outcomes)

function castOf(name: string): { actors: readonly AnyActor[]; tell: () => Outside } {
  if (/^(payment|settlement)-/.test(name)) {
    return { actors: shopActors, tell: () => new ShopStory() }
  }
  return /^(activation|deposit)-/.test(name)
    ? { actors: numberActors, tell: () => new NumberStory() }
    : { actors: orderActors, tell: () => new Story() }
}

function write(file: string, values: readonly unknown[]): void {
  writeFileSync(join(folder, file), values.map(value => `${JSON.stringify(value)}\n`).join(''))
}

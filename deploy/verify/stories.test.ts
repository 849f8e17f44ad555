/** The second reading of what the simulated worlds of numbers left behind: it finds nothing. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { floorOf } from '../../actors/chart.ts'
import { NumberStory, numberActors } from '../../actors/sim/numbers.ts'
import { emptyShard, Shard } from '../../engine/shard.ts'
import { World } from '../../engine/sim/world.ts'
import { Actors, isLive } from './actors.ts'
import { Book } from './book.ts'
import { parse } from './chain.ts'
import { Claims } from './claims.ts'
import { Gateways } from './gateways.ts'
import { Problems } from './problems.ts'
import { Transfers } from './transfers.ts'

const whole = { from: '0000000000000000', to: 'ffffffffffffffff' }
const orders = {
  ...{ total: 0, open: 0, delivered: 0, failed: 0, refunded: 0 },
  ...{ parked: 0, disputed: 0 },
}

test('verify: stories of numbers: the second reading agrees (Z43, Z44, Z45, Z46, Z47, Z48, Z49, Z55, Z56)', () => {
  for (let seed = 1; seed <= 80; seed++) {
    const { journal, shards } = new World({ seed, outside: new NumberStory() }).run()
    const unpaid = new Problems()
    const gateways = new Gateways(unpaid)
    for (let shard = 0; shard < shards; shard++) {
      const problems = new Problems()
      const book = new Book(problems)
      const claims = new Claims(problems)
      const actors = new Actors(whole, new Transfers(problems), problems)
      for (const line of journal.lines(shard)) {
        const body = parse(line.body)!
        book.read(line, body)
        claims.read(line, body)
        gateways.read(body)
        actors.read(line, body)
        equal(actors.count(orders), book.totals().held, `seed ${seed}: what is held`)
      }
      deepEqual(problems.kept, [], `seed ${seed}`)
      const live = [...actors.known.values()].filter(actor => isLive(actor) === true)
      deepEqual(live, [], `seed ${seed}: at rest nothing is left to do`)
    }
    gateways.finish()
    deepEqual(unpaid.kept, [], `seed ${seed}`)
  }
})

test('verify: stories of numbers: it knows who is not over, at any line (Z18)', () => {
  const kinds = new Map(numberActors.map(actor => [actor.name, actor]))
  let checked = 0
  for (let seed = 1; seed <= 20; seed++) {
    const { journal, shards } = new World({ seed, outside: new NumberStory() }).run()
    const all = Array.from({ length: shards }, (_, shard) => journal.lines(shard))
    // The liveliest of them.
    const lines = all.sort((a, b) => b.length - a.length)[0]!
    for (let cut = 1; cut <= lines.length; cut += 1 + Math.floor(lines.length / 25)) {
      const tail = lines.slice(0, cut)
      const problems = new Problems()
      const actors = new Actors(whole, new Transfers(problems), problems)
      for (const line of tail) actors.read(line, parse(line.body)!)
      const shard = new Shard({ ...emptyShard(lines[0]!.shard, 1), tail }, kinds, floorOf, 0)
      for (const [key, actor] of actors.known) {
        const cell = shard.cells.get(key)!
        // Whose question is still out is over all the same.
        if (actor.kind === 'receipt' || cell.owed.length > 0) continue
        checked++
        equal(isLive(actor), cell.rest !== 'final', `seed ${seed}, line ${cut}, ${actor.id}`)
      }
    }
  }
  ok(checked > 100, `${checked} were compared`)
})

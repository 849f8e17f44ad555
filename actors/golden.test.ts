/** Journals that earlier versions wrote, replayed for ever; see `sim/record-golden.ts`. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decode, type Line } from '../engine/record.ts'
import { emptyShard, Shard, type ShardImage } from '../engine/shard.ts'
import { floorOf } from './chart.ts'
import { outcomeOf } from './sim/golden.ts'
import { numberActors } from './sim/numbers.ts'
import { shopActors } from './sim/shop-story.ts'
import { actors as orderActors } from './sim/story.ts'

// Who is in several casts is the same in each.
const actors = [...new Set([...orderActors, ...shopActors, ...numberActors])]
const folder = join(import.meta.dirname, '../engine/golden')
const names = readdirSync(folder)
  .filter(name =>
    /^(order|transfer|commission|payment|settlement|activation|deposit)-v\d+\.jsonl$/.test(name),
  )
  .map(name => name.replace('.jsonl', ''))
const kinds = new Map(actors.map(actor => [actor.name, actor]))

test('golden: journals: there is one of every version that was released (A2)', () => {
  for (const { name, version } of actors) {
    if (name === 'receipt') continue
    for (let v = 1; v <= version; v++) ok(names.includes(`${name}-v${v}`), `${name}-v${v}`)
  }
})

for (const name of names) {
  const outcomes = read<unknown>(`${name}.outcome.jsonl`)
  const all = read<Line>(`${name}.jsonl`)
  const linesOf = (shard: number) => all.filter(line => line.shard === shard)
  const shardOf = (index: number, image: Partial<ShardImage>) =>
    new Shard({ ...emptyShard(index, 1), ...image }, kinds, floorOf, 0)

  test(`golden: ${name}: what was written then means the same today (A2, T4, R1)`, () => {
    for (const [index, outcome] of outcomes.entries()) {
      deepEqual(plain(outcomeOf(shardOf(index, { tail: linesOf(index) }))), outcome)
    }
  })

  test(`golden: ${name}: from a checkpoint at any line it is the same (C3, T4)`, () => {
    for (const [index, outcome] of outcomes.entries()) {
      const lines = linesOf(index)
      for (let cut = 1; cut < lines.length; cut++) {
        const before = shardOf(index, { tail: lines.slice(0, cut) })
        const { at } = before
        const { seq, hash, claims, cells, accounts } = plain(before.checkpoint(at))
        const asleep = new Set(cells.map(cell => cell.key))
        const histories = lines.slice(0, cut).filter(line => !asleep.has(line.key))
        const tail = lines.slice(cut)
        const image = { seq, hash, at, claims, cells, accounts, histories, tail }
        deepEqual(plain(outcomeOf(shardOf(index, image))), outcome)
      }
    }
  })

  test(`golden: ${name}: every line is of the version in its name (A2)`, () => {
    const version = Number(name.split('-v')[1])
    const kind = name.split('-')[0]
    const own = all.map(line => decode(line.body)).filter(record => record.kind === kind)
    ok(own.length > 0)
    for (const record of own) equal(record.version, version)
  })
}

function read<T>(file: string): T[] {
  const text = readFileSync(join(folder, file), 'utf8')
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value))

/**
 * Snapshots against the journals of simulated worlds, stopped where much is under way: what the
 * engine writes at a checkpoint is what the second reading expects; one wrong word anywhere in a
 * snapshot of any kind is named; and so is what stands beside it in its row.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { floorOf } from '../../actors/chart.ts'
import { BoxStory } from '../../actors/sim/boxes.ts'
import { NumberStory } from '../../actors/sim/numbers.ts'
import { ShopStory } from '../../actors/sim/shop-story.ts'
import { Story } from '../../actors/sim/story.ts'
import { decimalOf } from '../../engine/ids.ts'
import { type CheckpointImage, emptyShard, Shard } from '../../engine/shard.ts'
import { type Outside, World } from '../../engine/sim/world.ts'
import { Actors } from './actors.ts'
import { openBooks } from './books.fixture.ts'
import { parse } from './chain.ts'
import type { Loose } from './image.ts'
import { writeLines } from './lines.fixture.ts'
import { Problems } from './problems.ts'
import { compareSnapshots } from './recovery.ts'
import { Source } from './source.ts'
import { Transfers } from './transfers.ts'
import { verify } from './verify.ts'

const { url, client } = await openBooks()

const stories: Readonly<Record<string, () => Outside>> = {
  orders: () => new Story(),
  merchants: () => new ShopStory(),
  boxes: () => new BoxStory(),
  numbers: () => new NumberStory(),
}

type Stopped = { readonly world: World; readonly images: readonly CheckpointImage[] }

/** How many ways of standing are in it; where as many are, the more actors. */
function workIn({ cells }: CheckpointImage): number {
  const ways = new Set(cells.map(({ kind, state, wakeAt }) => `${kind} ${state.phase} ${!wakeAt}`))
  return ways.size * 1_000 + cells.length
}

/** Each shard as of the line at which most of its actors are not over. */
function stopped(outside: Outside, seed: number): Stopped {
  const world = new World({ seed, outside }).run()
  const kinds = new Map(outside.actors.map(actor => [actor.name, actor]))
  const images = Array.from({ length: world.shards }, (_, shard) => {
    const lines = world.journal.lines(shard)
    const step = 1 + Math.floor(lines.length / 100)
    let best: CheckpointImage | undefined
    for (let cut = step; cut <= lines.length; cut += step) {
      const tail = lines.slice(0, cut)
      const image = new Shard({ ...emptyShard(shard, 1), tail }, kinds, floorOf, 0).checkpoint(0)
      if (best === undefined || workIn(image) >= workIn(best)) best = image
    }
    return best
  })
  return { world, images: images.filter(image => image !== undefined) }
}

const tables = ['journal', 'checkpoint', 'snapshot', 'account']

async function write({ world, images }: Stopped): Promise<void> {
  await writeLines(client, tables, world)
  // As `engine/flusher.ts` hands them over.
  const told = images.map(({ shard, seq, hash, claims, cells, accounts }) => ({
    ...{ shard, seq, hash, claims: JSON.stringify(claims), gone: [] },
    cells: cells.map(({ wakeAt, ...cell }) => ({
      ...{ actor: decimalOf(cell.key), seq: cell.seq, kind: cell.kind, version: cell.version },
      ...{ owes: cell.owed.length > 0, wakeAt, state: JSON.stringify(cell) },
    })),
    accounts: accounts.map(({ id, house, seq, balances }) => ({
      ...{ id, house, seq, balance: balances[0] },
      ...{ debitsPending: balances[1], creditsPending: balances[2] },
    })),
  }))
  await client.query('select journal_checkpoint($1)', [JSON.stringify(told)])
}

/** What concerns a restart: users of a story begin with money that nobody sent. */
async function found(options: { readonly linesPerPart?: number } = {}) {
  const { problems } = await verify({ url, ...options })
  return problems.filter(({ name }) => /^(snapshot|checkpoint|account)\./.test(name))
}

test('verify snapshots: of many stories, where most is under way: sound (Z18, Z63, Z64, Z65)', async () => {
  for (const [name, outside] of Object.entries(stories)) {
    for (let seed = 1; seed <= 6; seed++) {
      await write(stopped(outside(), seed))
      deepEqual(await found(), [], `${name} ${seed}`)
      deepEqual(await found({ linesPerPart: 20 }), [], `${name} ${seed}, in parts`)
    }
  }
})

type Row = { shard: number; actor: string; kind: string; state: Loose }

/** A snapshot of each kind and phase that the stories come to, with and without an alarm. */
async function* everyKind(): AsyncGenerator<Row> {
  const seen = new Set<string>()
  for (const outside of Object.values(stories)) {
    for (let seed = 1; seed <= 6; seed++) {
      await write(stopped(outside(), seed))
      const { rows } = await client.query<Row & { wakes: boolean }>(
        'select shard, actor, kind, state, wake_at is not null as wakes from snapshot order by 1',
      )
      for (const { shard, actor, kind, state: text, wakes } of rows) {
        const state = JSON.parse(text)
        const phase = `${kind} ${state.state.phase} ${wakes}`
        if (seen.has(phase)) continue
        seen.add(phase)
        yield { shard, actor, kind, state }
      }
    }
  }
  const kinds = new Set([...seen].map(phase => phase.split(' ')[0]))
  deepEqual([...kinds].sort(), [
    ...['activation', 'deposit', 'device', 'order', 'payment', 'settlement', 'transfer'],
  ])
}

/** Every value in a tree: by its path, with how to make another one of it. */
function* leaves(tree: Loose, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof tree !== 'object' || tree === null) return void (yield path)
  for (const name of Object.keys(tree)) yield* leaves(tree[name], [...path, name])
  if (Object.keys(tree).length === 0 || path.length === 0) return
  yield path
}

function spoiled(image: Loose, path: readonly string[]): Loose {
  const copy = structuredClone(image)
  const parent = path.slice(0, -1).reduce((node, name) => node[name], copy)
  const name = path.at(-1)!
  const value = parent[name]
  if (typeof value === 'number') parent[name] = value + 1
  else if (typeof value === 'boolean') parent[name] = !value
  else if (typeof value === 'string') parent[name] = `${value}x`
  else if (Array.isArray(value)) parent[name] = [...value, value[0]]
  else if (value === null) parent[name] = 7
  else delete parent[name]
  return copy
}

const put = (actor: string, state: Loose) =>
  client.query('update snapshot set state = $2 where actor = $1', [actor, JSON.stringify(state)])

/** What is told of one shard's snapshots alone, as often as its rows change. */
async function reader(source: Source, shard: number) {
  const all = ['0', (1n << 62n).toString()] as const
  const part = { from: '0000000000000000', to: '4000000000000000' }
  const ends = (await source.shards()).find(end => end.shard === shard)!
  return async () => {
    const problems = new Problems()
    const actors = new Actors(part, new Transfers(problems), problems)
    for await (const rows of source.lines(shard, null)) {
      for (const [seq, key, , body] of rows) {
        if (Number(seq) > ends.checkpointSeq) continue
        actors.read({ shard, seq: Number(seq), key }, parse(body)!)
      }
    }
    const kept = problems.kept.length
    await compareSnapshots(source, source.snapshots(shard, all), { shard, actors, problems })
    return problems.kept.slice(kept)
  }
}

test('verify snapshots: one wrong word anywhere in any kind of them: named (Z65)', async () => {
  let spoils = 0
  const done = new Set<string>()
  const source = await Source.open(url)
  for await (const { actor, shard, kind, state } of everyKind()) {
    const read = await reader(source, shard)
    for (const path of leaves(state)) {
      // One of a list is as good as another, and one order as another.
      const word = `${kind} ${path.join('.').replace(/\d+/g, '*')}`
      if (done.has(word)) continue
      done.add(word)
      await put(actor, spoiled(state, path))
      const told = await read()
      ok(told.length > 0, `${kind} ${path.join('.')} is passed over`)
      for (const { name, actor } of told) {
        equal(actor, state.id, `${kind} ${path.join('.')}: ${name}`)
        ok(
          /^snapshot\.(changed|holds|owes|extra)$/.test(name),
          `${kind} ${path.join('.')}: ${name}`,
        )
      }
      spoils++
    }
    await put(actor, state)
    deepEqual(await read(), [])
  }
  await source.close()
  ok(spoils > 200, `${spoils} words were changed`)
})

test('verify snapshots: what they hold: missing, doubled, too much, too long (Z65)', async () => {
  let holders = 0
  for await (const { actor, kind, state } of everyKind()) {
    if (state.holds.length === 0) continue
    holders++
    const [hold] = state.holds
    const wrong: Loose[] = [
      ...[[], [hold, hold], [{ ...hold, amount: hold.amount + 1 }]],
      ...[[{ ...hold, debit: 'wallet:x' }], [{ ...hold, credit: 'cash' }]],
      ...[[{ ...hold, expiresAt: 1 }], [hold, { ...hold, name: 'more' }]],
    ]
    for (const holds of wrong) {
      await put(actor, { ...state, holds })
      deepEqual(
        (await found()).map(({ name }) => name),
        ['snapshot.holds'],
        `${kind} ${JSON.stringify(holds)}`,
      )
    }
    await put(actor, state)
  }
  ok(holders >= 5, `${holders} hold something`)
})

test('verify snapshots: when they wake: never, sooner, later (Z64, Z65)', async () => {
  const kinds = new Set<string>()
  for await (const { actor, kind } of everyKind()) {
    const { rows } = await client.query('select wake_at from snapshot where actor = $1', [actor])
    const at: string | null = rows[0].wake_at
    const others = at === null ? ['1'] : ['null', 'wake_at + 1', 'wake_at - 1', '0']
    for (const other of others) {
      await client.query(`update snapshot set wake_at = ${other} where actor = $1`, [actor])
      deepEqual(
        (await found()).map(({ name }) => name),
        ['snapshot.wakes'],
        `${kind} ${other}`,
      )
    }
    if (at !== null) kinds.add(kind)
    await client.query('update snapshot set wake_at = $2 where actor = $1', [actor, at])
  }
  for (const kind of ['activation', 'deposit', 'order', 'payment']) ok(kinds.has(kind), kind)
})

const rows: Readonly<Record<string, readonly [spoil: string, finds: string]>> = {
  'one that is gone': ['delete from snapshot where actor = $1', 'snapshot.missing'],
  'one of another version': [
    'update snapshot set version = version + 1 where actor = $1',
    'snapshot.changed',
  ],
  'one of another kind': [`update snapshot set kind = 'x' where actor = $1`, 'snapshot.changed'],
  'one under the name of nobody': [
    'update snapshot set actor = 1 where actor = $1',
    'snapshot.extra',
  ],
  'one that is no JSON': [
    'update snapshot set state = left(state, 99) where actor = $1',
    'snapshot.changed',
  ],
}

for (const [what, [spoil, finds]] of Object.entries(rows)) {
  test(`verify snapshots: ${what}: told (Z18, Z65)`, async () => {
    for await (const { actor, kind, state } of everyKind()) {
      if (state.state.phase !== 'trying') continue
      await client.query(spoil, [actor])
      const names = (await found()).map(({ name }) => name)
      ok(names.includes(finds as never), `${kind}: ${names}`)
      break
    }
  })
}

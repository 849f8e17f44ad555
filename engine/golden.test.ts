/** A journal that version 1 of an actor wrote, read by version 3: nothing in it was ever edited. */

import { deepEqual, equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Actor, type AnyEvent, accept, forget } from './actor.ts'
import { keyNo } from './jar.fixture.ts'
import type { Line } from './record.ts'
import { emptyShard, Shard } from './shard.ts'
import { MemoryJournal } from './sim/memory-journal.ts'

type Lamp = {
  state:
    | { readonly phase: 'off' }
    | { readonly phase: 'on'; readonly lumen: number; readonly colour: string }
  command: { readonly type: 'dim' }
  event:
    | { readonly type: 'lit'; readonly lumen: number; readonly colour: string }
    | { readonly type: 'dimmed' }
  effect: never
  refusal: never
}

/**
 * Version 1 said `lighted` with a watt; version 2 counts lumen; version 3 says `lit`, in colour.
 */
const lamp: Actor<Lamp> = {
  name: 'lamp',
  version: 3,
  initial: { phase: 'off' },
  decide: { dim: () => accept({ type: 'dimmed' }) },
  evolve: {
    lit: (_, { lumen, colour }) => ({ phase: 'on', lumen, colour }),
    dimmed: () => ({ phase: 'off' }),
  },
  react: {},
  resume: {},
  timers: () => [],
  rest: state => (state.phase === 'on' ? 'person' : 'final'),
  upcast: {
    1: event => {
      if (event.type !== 'lighted') return event
      const { watt, ...rest } = event as AnyEvent & { watt: number }
      return { ...rest, lumen: watt * 12 } as AnyEvent
    },
    2: event => {
      if (event.type !== 'lighted') return event
      return { ...event, type: 'lit', colour: 'white' } as AnyEvent
    },
  },
}

const file = join(import.meta.dirname, 'golden/lamp-v1.jsonl')
const lines: Line[] = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line))
const kinds = new Map([['lamp', forget(lamp)]])
const on = (lumen: number) => ({ phase: 'on', lumen, colour: 'white' })

test('golden: lamp: version 3 understands what version 1 wrote (A2, R1)', () => {
  const shard = new Shard({ ...emptyShard(5, 1), tail: lines }, kinds, () => undefined, 0)
  deepEqual(shard.cells.get(keyNo(1))!.state, on(300))
  deepEqual(shard.cells.get(keyNo(2))!.state, on(720))
  equal(shard.hash, lines.at(-1)!.hash)
})

test('golden: lamp: a snapshot of version 1 is left aside, the lines are read again (A2, C3)', () => {
  const journal = new MemoryJournal({ shards: 6, versions: new Map([['lamp', 3]]) })
  const epoch = journal.acquire(5)
  const [first, second, ...tail] = lines as [Line, Line, ...Line[]]
  const cell = { key: first.key, id: JSON.parse(first.body).id, kind: 'lamp', version: 1, seq: 1 }
  const old = { owner: undefined, state: { phase: 'on' }, holds: [], owed: [], wakeAt: null }
  const checkpoint = { shard: 5, seq: 2, hash: second.hash, claims: [], gone: [], accounts: [] }
  const cells = [{ ...cell, ...old }]
  const fence = new Map([[5, epoch]])
  const checkpoints = [{ ...checkpoint, cells }]
  journal.append({ fence, lines: [first, second], checkpoints, piled: [] })
  journal.append({ fence, lines: tail, checkpoints: [], piled: [] })

  const shard = new Shard(journal.recover(5), kinds, () => undefined, 0)
  deepEqual(shard.cells.get(keyNo(1))!.state, on(300))
  equal(shard.open, 1)
})

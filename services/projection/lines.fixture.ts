/** Journal lines as the engine really writes them, out of arbitrary days of a few clients. */

import fc from 'fast-check'
import { cash, floorOf, wallet } from '../../actors/chart.ts'
import type { OrderCommand, Plan, Report, Verdict } from '../../actors/order/order-contract.ts'
import { Host } from '../../engine/host.ts'
import { fingerprint, keyFrom, makeId, shardOf } from '../../engine/ids.ts'
import { decode, type JournalRecord, type Line } from '../../engine/record.ts'
import { type Envelope, emptyShard } from '../../engine/shard.ts'
import { MemoryJournal } from '../../engine/sim/memory-journal.ts'
import { actors } from '../engine-room.ts'

export const shards = 2
export const users = [0, 1, 2].map(n => makeId(1_000, n % shards, keyFrom(7, n)))

export type Told = { readonly line: Line; readonly record: JournalRecord }

type Move =
  | { readonly type: 'deposit'; readonly user: number; readonly amount: number }
  | { readonly type: 'place'; readonly user: number; readonly n: number; readonly price: number }
  | {
      readonly type: 'report'
      readonly user: number
      readonly n: number
      readonly attempt: number
      readonly outcome: Report['outcome']
      readonly sn: string
      readonly retryable: boolean
    }
  | {
      readonly type: 'resolve'
      readonly user: number
      readonly n: number
      readonly verdict: Verdict
      readonly sn: string
    }
  | { readonly type: 'hand'; readonly user: number; readonly n: number; readonly verb: Verb }
  | { readonly type: 'time'; readonly ms: number }

type Verb = 'hold' | 'release' | 'reroute' | 'recheck'

const plan: readonly Plan[] = [
  ['ani', 'ani-1', 700, 900, 1_000, 60_000],
  ['budi', 'budi-1', 750, 900, 1_000, 60_000],
]

export const anyMoves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: move('deposit', { amount: fc.integer({ min: 1, max: 9_000 }) }) },
    { weight: 2, arbitrary: move('place', { n: fc.nat(5), price: fc.constantFrom(800, 1_000) }) },
    {
      weight: 4,
      arbitrary: move('report', {
        n: fc.nat(5),
        attempt: fc.integer({ min: 1, max: 2 }),
        outcome: fc.constantFrom<Report['outcome']>('success', 'failed', 'pending', 'unknown'),
        sn: fc.constantFrom('', 'SN-1', 'SN, "2"', 'tab\tline\nend', 'nothing\u0000here'),
        retryable: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: move('resolve', {
        n: fc.nat(5),
        verdict: fc.constantFrom<Verdict>(
          ...(['success', 'failed', 'refund', 'accept_loss', 'dismiss'] as const),
        ),
        sn: fc.constantFrom('', 'BY-HAND'),
      }),
    },
    {
      weight: 2,
      arbitrary: move('hand', {
        n: fc.nat(5),
        verb: fc.constantFrom<Verb>('hold', 'release', 'reroute', 'recheck'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('time' as const),
        ms: fc.constantFrom(10, 2_000, 90_000),
      }),
    },
  ),
  { minLength: 5, maxLength: 80 },
) as fc.Arbitrary<Move[]>

function move(type: string, more: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  return fc.record({ type: fc.constant(type), user: fc.nat(users.length - 1), ...more })
}

/** A day on which everybody buys, one of everything that can become of an order. */
export const fullDay: readonly Move[] = [
  { type: 'deposit', user: 0, amount: 9_000 },
  { type: 'deposit', user: 1, amount: 5_000 },
  { type: 'deposit', user: 1, amount: 5_000 },
  ...[0, 1, 2, 3].flatMap((n): Move[] => [
    { type: 'place', user: 0, n, price: 1_000 },
    { type: 'place', user: 1, n, price: 800 },
  ]),
  report({ user: 0, n: 0, sn: 'SN-1' }),
  report({ user: 1, n: 0, outcome: 'failed', retryable: false }),
  report({ user: 0, n: 1, outcome: 'failed', retryable: true }),
  report({ user: 0, n: 1, attempt: 2, sn: 'SN-2' }),
  report({ user: 1, n: 1, outcome: 'pending' }),
  report({ user: 1, n: 1, sn: '' }),
  report({ user: 1, n: 1, sn: 'SN\tLATE' }),
  report({ user: 0, n: 0, outcome: 'failed' }),
  { type: 'resolve', user: 0, n: 0, verdict: 'refund', sn: '' },
  report({ user: 1, n: 3, sn: 'nothing\u0000here' }),
  { type: 'time', ms: 90_000 },
  { type: 'resolve', user: 0, n: 2, verdict: 'success', sn: 'BY-HAND' },
  { type: 'resolve', user: 1, n: 2, verdict: 'failed', sn: '' },
  ...(['hold', 'release', 'hold', 'reroute'] as const).map(
    (verb): Move => ({ type: 'hand', user: 0, n: 3, verb }),
  ),
]

function report(some: Partial<Extract<Move, { type: 'report' }>>): Move {
  const usual = { attempt: 1, outcome: 'success', sn: '', retryable: true } as const
  return { type: 'report', user: 0, n: 0, ...usual, ...some }
}

/** Everything that these moves leave in the journal, shard by shard in order. */
export function linesOf(moves: readonly Move[]): Told[] {
  const versions = new Map(actors.map(({ name, version }) => [name, version]))
  const memory = new MemoryJournal({ shards, versions })
  const host = new Host({ actors, floorOf, limitOf: () => 0 })
  for (let shard = 0; shard < shards; shard++) {
    host.adopt(emptyShard(shard, memory.acquire(shard)), 0)
  }
  const told: Told[] = []
  let now = 1_700_000_000_000
  for (const [index, one] of moves.entries()) {
    now += one.type === 'time' ? one.ms : 1
    for (const envelope of envelopesOf(one, index)) host.receive(envelope, now)
    if (one.type === 'time') host.fire(now)
    for (let wants = host.wants(); wants !== null; wants = host.wants()) {
      host.found(memory.load(wants), now)
    }
    const batch = host.drain(now)
    if (batch === null) continue
    memory.append(batch)
    for (const line of batch.lines) told.push({ line, record: decode(line.body) })
    host.written(batch, now)
  }
  return told
}

function envelopesOf(one: Move, index: number): Envelope[] {
  if (one.type === 'time') return []
  const user = users[one.user]!
  const shard = shardOf(user)
  if (one.type === 'deposit') {
    const facts = { from: cash, to: wallet(user), amount: one.amount, note: 'tunai, "lunas"' }
    const transfer = { shard: 0, key: keyFrom(8, index), kind: 'transfer' }
    return [
      { ...transfer, command: { type: 'send', toShard: shard, ...facts } as never },
      {
        ...{ shard, key: keyFrom(9, index), kind: 'receipt', owner: wallet(user) },
        command: { type: 'receive', ...facts } as never,
      },
      { ...transfer, command: { type: 'confirm' } },
    ]
  }
  const ref = `order, "${one.n}"`
  const place = { shard, key: fingerprint(user, ref), kind: 'order', owner: wallet(user) }
  return [{ ...place, command: commandOf(one, user, ref) }]
}

function commandOf(
  one: Extract<Move, { type: 'place' | 'report' | 'resolve' | 'hand' }>,
  user: string,
  ref: string,
): OrderCommand {
  switch (one.type) {
    case 'place': {
      const terms = { plan, pendingLimitMs: 60_000, twin: '', twinMs: 0 }
      const what = { product: 'XLD10', destination: '087812341230' }
      return { type: 'place', user, ref, ...what, quote: { price: one.price, ...terms } }
    }
    case 'resolve': {
      const { verdict, sn } = one
      return { type: 'resolve', verdict, reason: 'looked', by: 'cici', ...(sn && { sn }) }
    }
    case 'hand': {
      const words = { by: 'cici', reason: 'looked' }
      if (one.verb !== 'reroute') return { type: one.verb, ...words }
      const to = ['cici', 'cici-1', 760, 900, 1_000, 60_000] as const
      return { type: 'reroute', ...words, to, pendingLimitMs: 60_000, notSold: true }
    }
    case 'report': {
      const { attempt: n, outcome, sn, retryable } = one
      const words = { n, code: '00', message: null, reply: null, ms: 5, via: 'reply' } as const
      if (outcome === 'success') {
        return { type: 'report', report: { ...words, outcome, sn, cost: 710, balance: null } }
      }
      if (outcome === 'failed') {
        const watch = retryable ? { watch: true as const } : null
        return { type: 'report', report: { ...words, outcome, retryable, ...watch } }
      }
      return { type: 'report', report: { ...words, outcome } }
    }
  }
}

import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { actor, forget } from './actor.ts'
import { keyOf, msOf, shardOf } from './ids.ts'
import { floorOf, type Jar, jar, keyNo, kinds, purse, shardWith, toJar } from './jar.fixture.ts'
import { decode, effectId, genesis, type Line, seal } from './record.ts'
import { emptyShard, type Reply, Shard, type ShardImage } from './shard.ts'

const shardOfCoins = (coins = 100, image: Partial<ShardImage> = {}) =>
  new Shard({ ...shardWith(coins), ...image }, kinds, floorOf, 0)

/** What is asked of jar `n`, and the line that it leaves. */
function ask(shard: Shard, n: number, command: Jar['command'], now = 10): Line | null {
  return shard.turn(toJar(n, command), now).line
}
const replyOf = (shard: Shard, n: number, command: Jar['command'] | undefined, now = 10): Reply =>
  shard.turn(toJar(n, command), now).reply

test('shard: turn: actor and accounts change in the same line (T1)', () => {
  const shard = shardOfCoins()
  const { state } = shard.turn(toJar(1, { type: 'fill', coins: 30 }), 10).reply
  equal(state.phase, 'filled')
  equal(shard.account(purse).available, 70)
  const record = decode(ask(shard, 1, { type: 'seal' })!.body)
  deepEqual(record.entries, [['post', 'coins', purse, 'sales', 30, [70, 0, 0], [30, 0, 0]]])
})

test('shard: turn: a refusal, a read and a nothing change nothing (T1)', () => {
  const shard = shardOfCoins(10)
  equal(ask(shard, 1, { type: 'fill', coins: 11 }), null)
  equal(ask(shard, 1, { type: 'poke' }), null)
  equal(shard.turn(toJar(1), 10).line, null)
  for (const command of [{ type: 'poke' } as const, undefined]) {
    const reply = replyOf(shard, 1, command)
    equal('accepted' in reply && reply.changed, false)
  }
  equal(shard.seq, 0)
  equal(shard.account(purse).available, 10)
  equal(shard.live, 0)
})

test('shard: turn: the answer tells the balance after it (T1)', () => {
  const shard = shardOfCoins()
  const reply = replyOf(shard, 1, { type: 'fill', coins: 30 })
  ok('accepted' in reply)
  deepEqual([reply.available, reply.balances, reply.seq], [70, [100, 30, 0], 1])
  equal(reply.changed, true)
  const { reply: read } = shard.turn({ shard: 0, key: keyNo(1), kind: 'jar' }, 10)
  equal('accepted' in read && read.available, 70, 'the actor knows whose it is')
  equal(shardOf(reply.id), 0)
  equal(keyOf(reply.id), keyNo(1))
  equal(msOf(reply.id), 10)
})

test('shard: turn: asked for under another kind: nobody is there, and nothing changes (T9)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 30 })
  const other = { ...toJar(1), kind: 'mint' }
  const read = shard.turn(other, 10)
  ok('accepted' in read.reply)
  deepEqual([read.reply.id, read.line], ['', null])
  deepEqual(read.reply.state, kinds.get('mint')!.initial)
  const told = shard.turn({ ...other, command: { type: 'anything' } }, 10)
  ok('refused' in told.reply)
  deepEqual([told.reply.refused, told.line, shard.seq], ['NOT_FOUND', null, 1])
  equal(replyOf(shard, 1, undefined).state.phase, 'filled')
})

test('shard: turn: looked for under another kind before it was placed: placed all the same (T9)', () => {
  const shard = shardOfCoins()
  shard.turn({ ...toJar(1), kind: 'mint' }, 10)
  ok(ask(shard, 1, { type: 'fill', coins: 30 }) !== null)
})

test('shard: turn: a wallet that is not in memory must not be touched (T1)', () => {
  const shard = new Shard(emptyShard(0, 1), kinds, floorOf, 0)
  throws(() => ask(shard, 1, { type: 'fill', coins: 1 }), /T1/)
  throws(() => shard.turn({ ...toJar(2), kind: 'teapot' }, 10), /T1/)
})

test('shard: lines: numbered without gaps, each sealed with the one before (T2)', () => {
  const shard = shardOfCoins()
  const lines = [1, 2, 3].map(n => ask(shard, n, { type: 'fill', coins: 1 })!)
  let hash = genesis
  for (const [index, line] of lines.entries()) {
    equal(line.seq, index + 1)
    hash = seal(hash, 0, line.seq, line.body)
    equal(line.hash, hash)
  }
  equal(shard.hash, hash)
})

test('shard: replay: a gap, a swap or a changed word stops it (T2, R1)', () => {
  const shard = shardOfCoins()
  const lines = [1, 2, 3].map(n => ask(shard, n, { type: 'fill', coins: 1 })!)
  const [a, b, c] = lines as [Line, Line, Line]
  throws(() => shardOfCoins(100, { tail: [a, c] }), /T2/)
  throws(() => shardOfCoins(100, { tail: [b] }), /T2/)
  throws(() => shardOfCoins(100, { tail: [{ ...a, body: b.body }] }), /R1/)
  throws(() => shardOfCoins(100, { tail: [{ ...a, hash: b.hash }] }), /R1/)
})

test('shard: time: never runs backwards, also over a restart and a checkpoint (T3)', () => {
  const shard = shardOfCoins()
  const first = ask(shard, 1, { type: 'fill', coins: 1 }, 500)!
  const second = ask(shard, 2, { type: 'fill', coins: 1 }, 400)!
  equal(decode(second.body).at, 500)
  const { seq, hash } = shard.checkpoint(600)
  const restarted = shardOfCoins(100, { seq, hash, at: shard.at })
  equal(decode(ask(restarted, 3, { type: 'fill', coins: 1 }, 300)!.body).at, 500)
  const replayed = shardOfCoins(100, { tail: [first] })
  equal(decode(ask(replayed, 3, { type: 'fill', coins: 1 }, 300)!.body).at, 500)
})

test('shard: replay: the lines lead to the same cells, accounts and claims (T4)', () => {
  const shard = shardOfCoins()
  const lines = [
    ask(shard, 1, { type: 'fill', coins: 5, word: 'red', ms: 9_000 }),
    ask(shard, 2, { type: 'fill', coins: 6 }),
    ask(shard, 1, { type: 'seal' }),
    ask(shard, 3, { type: 'fill', coins: 7, word: 'blue' }),
    ask(shard, 3, { type: 'spill' }),
  ].map(line => line!)
  const replayed = shardOfCoins(100, { tail: lines })
  deepEqual(dump(replayed), dump(shard))
  for (const word of ['red', 'blue']) equal(replayed.holder(word, 10), shard.holder(word, 10))
})

test('shard: replay: from a checkpoint in the middle it is the same (T4)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 5, word: 'red', ms: 9_000 })
  ask(shard, 2, { type: 'fill', coins: 6 })
  const image = JSON.parse(JSON.stringify(shard.checkpoint(20))) as ReturnType<Shard['checkpoint']>
  const tail = [ask(shard, 1, { type: 'seal' })!, ask(shard, 3, { type: 'fill', coins: 7 })!]
  const dormant = image.cells.map(cell => [cell.key, cell.wakeAt, cell.kind] as const)
  const rest = { seq: image.seq, hash: image.hash, at: 10, claims: image.claims }
  const cells = image.cells.filter(cell => cell.key === keyNo(1) || cell.owed.length > 0)
  const recovered = shardOfCoins(100, { ...rest, dormant, cells, tail, accounts: image.accounts })
  deepEqual(dump(recovered), dump(shard))
  equal(recovered.holder('red', 10), keyNo(1))
  deepEqual([...recovered.dormant], [])
})

test('shard: replay: an actor without snapshot is remembered by its own old lines (T4)', () => {
  const shard = shardOfCoins()
  const histories = [ask(shard, 1, { type: 'fill', coins: 5 })!]
  const { seq, hash, accounts } = shard.checkpoint(20)
  const tail = [ask(shard, 1, { type: 'seal' })!]
  const recovered = shardOfCoins(100, { seq, hash, at: 10, histories, tail, accounts })
  deepEqual(dump(recovered), dump(shard))
})

test('shard: replay: one that slept, and ended in the tail: its snapshot goes (T4)', () => {
  const shard = shardOfCoins()
  const histories = [ask(shard, 1, { type: 'fill', coins: 5 })!]
  const { seq, hash, accounts } = shard.checkpoint(20)
  const cause = effectId(shard.cells.get(keyNo(1))!.id, 1, 0)
  const tail = [shard.turn(toJar(1, { type: 'seal' }, { cause }), 30).line!]
  const dormant = [[keyNo(1), 1_010, 'jar']] as const
  const image = { seq, hash, at: 10, histories, tail, accounts }
  deepEqual(shardOfCoins(100, { ...image, dormant }).checkpoint(40).gone, [keyNo(1)])
  deepEqual(shardOfCoins(100, image).checkpoint(40).gone, [])
})

test('shard: checkpoint: says only what changed, and what is over (T4)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 5 })
  ask(shard, 2, { type: 'fill', coins: 6 })
  equal(shard.unsaved, 2)
  equal(shard.checkpoint(20).cells.length, 2)
  equal(shard.unsaved, 0)
  ask(shard, 1, { type: 'seal' })
  equal(shard.unsaved, 1)
  deepEqual(shard.checkpoint(25).gone, [], 'it still owes an effect')
  const cause = effectId(shard.cells.get(keyNo(1))!.id, 1, 0)
  shard.turn(toJar(1, { type: 'poke' }, { cause }), 27)
  ask(shard, 2, { type: 'seal' })
  const { cells, gone, accounts } = shard.checkpoint(30)
  deepEqual([cells.length, gone], [1, [keyNo(1)]])
  deepEqual(accounts.map(one => one.id).sort(), ['sales', purse])
  const empty = shard.checkpoint(40)
  deepEqual([empty.cells.length, empty.gone, empty.accounts], [0, [], []])
})

test('shard: claim: one holder until it is released (T5)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 1, word: 'red' })
  equal(shard.holder('red', 10), keyNo(1))
  match(JSON.stringify(replyOf(shard, 2, { type: 'fill', coins: 1, word: 'red' })), /jar.taken/)
  ask(shard, 1, { type: 'spill' })
  equal(shard.holder('red', 10), undefined)
  notEqual(ask(shard, 2, { type: 'fill', coins: 1, word: 'red' }), null)
})

test('shard: claim: over when its time is over, by the shard’s clock (T5)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 1, word: 'red', ms: 1_000 }, 10)
  equal(shard.holder('red', 1_009), keyNo(1))
  equal(shard.holder('red', 1_010), undefined)
  // The wall clock ran ahead when the checkpoint was taken, and went back: the claim still stands.
  deepEqual(shard.checkpoint(50_000).claims, [['red', 1_010, keyNo(1)]])
  match(JSON.stringify(replyOf(shard, 2, { type: 'fill', coins: 1, word: 'red' }, 20)), /taken/)
})

test('shard: claim: one that is over leaves memory with the next checkpoint (T5)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 1, word: 'red', ms: 40 }, 10)
  ask(shard, 2, { type: 'fill', coins: 1, word: 'blue', ms: 41 }, 10)
  ask(shard, 3, { type: 'fill', coins: 1 }, 50)
  deepEqual([...shard.claimed()].length, 2)
  deepEqual(shard.checkpoint(50).claims, [['blue', 51, keyNo(2)]])
  deepEqual([...shard.claimed()], [['blue', 51]])
})

test('shard: claim: only its holder can release it (T5)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 1, word: 'red', ms: 10 }, 10)
  ask(shard, 2, { type: 'fill', coins: 1, word: 'red', ms: 9_000 }, 50)
  ask(shard, 1, { type: 'spill' }, 60)
  equal(shard.holder('red', 60), keyNo(2))
})

test('shard: claim: a second holder stops the shard (T5)', () => {
  const careless = {
    ...forget(jar),
    decide: {
      ...forget(jar).decide,
      fill: () => ({ accepted: [], postings: [], claims: [['red', 99] as const] }),
    },
  }
  const shard = new Shard(shardWith(9), new Map([['jar', careless]]), floorOf, 0)
  ask(shard, 1, { type: 'fill', coins: 1 })
  throws(() => ask(shard, 2, { type: 'fill', coins: 1 }), /T5/)
})

test('shard: ownerless: what waits for nothing and nobody is counted (T6)', () => {
  const timeless = { ...forget(jar), timers: () => [] }
  const shard = new Shard(shardWith(9), new Map([['jar', timeless]]), floorOf, 0)
  ask(shard, 1, { type: 'fill', coins: 1 })
  equal(shard.ownerless, 0)
  const cause = effectId(shard.cells.get(keyNo(1))!.id, 1, 0)
  shard.turn(toJar(1, { type: 'poke' }, { cause }), 10)
  equal(shard.ownerless, 1)
  ask(shard, 1, { type: 'spill' })
  equal(shard.ownerless, 0)
})

test('shard: ownerless: a person’s queue is an owner (T6)', () => {
  const asked = { ...forget(jar), timers: () => [], react: {}, rest: () => 'person' as const }
  const shard = new Shard(shardWith(9), new Map([['jar', asked]]), floorOf, 0)
  ask(shard, 1, { type: 'fill', coins: 1 })
  deepEqual([shard.ownerless, shard.live], [0, 1])
})

test('shard: answer: the effect is settled once, and a repeat leaves no line (T1)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 1 })
  const cell = shard.cells.get(keyNo(1))!
  const cause = effectId(cell.id, 1, 0)
  const settle = () => shard.turn(toJar(1, { type: 'poke' }, { cause }), 10).line
  equal(decode(settle()!.body).cause, cause)
  equal(cell.owed.length, 0)
  equal(settle(), null)
})

test('shard: sleep: what is durable, clean and idle leaves, with its alarm set (T4)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 1, ms: 700 })
  shard.turn(
    toJar(1, { type: 'poke' }, { cause: effectId(shard.cells.get(keyNo(1))!.id, 1, 0) }),
    10,
  )
  ask(shard, 2, { type: 'fill', coins: 1 })
  ask(shard, 3, { type: 'fill', coins: 1 })
  ask(shard, 3, { type: 'spill' })
  const sleep = () => shard.passivate(1_000, cell => cell.key !== keyNo(9))
  equal(sleep(), 0, 'dirty')
  shard.checkpoint(20)
  equal(sleep(), 0, 'not durable yet')
  shard.durableSeq = shard.seq
  equal(sleep(), 1, 'jar 1: jars 2 and 3 still owe their effects')
  deepEqual([...shard.dormant], [[keyNo(1), 710]])
  equal(shard.open, 2)
})

test('shard: sleep: not what is dirty, was touched since, owes or has no owner (T4, T6)', () => {
  const still = { ...forget(jar), react: {} }
  const counts = (actor: typeof still, before: number, isSaved = true): number => {
    const shard = new Shard(shardWith(9), new Map([['jar', actor]]), floorOf, 0)
    ask(shard, 1, { type: 'fill', coins: 1 })
    if (isSaved) shard.checkpoint(20)
    shard.durableSeq = shard.seq
    return shard.passivate(before, () => true)
  }
  equal(counts(still, 1_000), 1)
  equal(counts(still, 1_000, false), 0, 'dirty')
  deepEqual([counts(still, 9), counts(still, 10)], [0, 1])
  equal(counts({ ...forget(jar) }, 1_000), 0, 'owes an effect')
  equal(counts({ ...still, timers: () => [] }, 1_000), 0, 'has no owner')
})

test('shard: passivate: house accounts with nothing on them go, and come back at zero (T7)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 30 })
  shard.account('payable of yesterday')
  shard.checkpoint(20)
  shard.durableSeq = shard.seq
  shard.passivate(1_000, () => true)
  deepEqual(shard.accounts.get('sales')?.balances(), [0, 0, 30])
  equal(shard.accounts.has('payable of yesterday'), false)
  equal(shard.account('payable of yesterday').available, 0)
  shard.keepAccount({ id: purse, seq: 1, balances: [100, 30, 0] })
  ask(shard, 1, { type: 'spill' })
  equal(shard.accounts.get('sales')?.isEmpty, true)
  shard.passivate(1_000, () => true)
  equal(shard.accounts.has('sales'), true, 'not in a checkpoint yet')
  shard.checkpoint(30)
  shard.passivate(1_000, () => true)
  equal(shard.accounts.has('sales'), true, 'not durable yet')
  shard.durableSeq = shard.seq
  shard.passivate(1_000, () => true)
  equal(shard.accounts.has('sales'), false)
  shard.keepAccount({ id: purse, seq: 2, balances: [100, 0, 0] })
  ask(shard, 2, { type: 'fill', coins: 5 })
  deepEqual(shard.accounts.get('sales')?.balances(), [0, 0, 5])
})

test('shard: passivate: a wallet that no checkpoint has yet stays, or it would come back old (T4)', () => {
  const shard = shardOfCoins()
  ask(shard, 1, { type: 'fill', coins: 30 })
  shard.durableSeq = shard.seq
  shard.passivate(1_000, () => true)
  equal(shard.accounts.get(purse)?.available, 70, 'not in a checkpoint yet')
  shard.checkpoint(20)
  shard.passivate(9, () => true)
  equal(shard.accounts.has(purse), true, 'not idle for long enough')
  shard.durableSeq = 0
  shard.passivate(10, () => true)
  equal(shard.accounts.has(purse), true, 'not durable yet')
  shard.durableSeq = shard.seq
  shard.passivate(10, () => true)
  equal(shard.accounts.has(purse), false)
})

test('shard: looked for only: nobody lives there, whatever the kind begins as (T6, T8)', () => {
  const lamps = new Map([['lamp', forget(lamp)]])
  const shard = new Shard(emptyShard(0, 1), lamps, floorOf, 0)
  shard.turn({ shard: 0, key: keyNo(1), kind: 'lamp' }, 10)
  shard.wake('lamp', keyNo(2), undefined, [])
  deepEqual([shard.open, shard.live, shard.ownerless], [0, 0, 0])
})

test('shard: forget: a final actor at once, but not with a debt, a snapshot or a doubt (T4)', () => {
  const shard = shardOfCoins()
  const cellOf = (n: number) => shard.cells.get(keyNo(n))!
  const settle = (n: number, seq: number) =>
    shard.turn(toJar(n, { type: 'poke' }, { cause: effectId(cellOf(n).id, seq, 0) }), 10)
  ask(shard, 1, { type: 'fill', coins: 1 })
  ask(shard, 1, { type: 'seal' })
  shard.durableSeq = shard.seq
  equal(shard.forget(cellOf(1)), false, 'owes an effect')
  settle(1, 1)
  equal(shard.forget(cellOf(1)), false, 'is not durable')
  shard.durableSeq = shard.seq
  equal(shard.forget(cellOf(1)), true)
  equal(shard.isNew(keyNo(1)), false)

  ask(shard, 2, { type: 'fill', coins: 1 })
  equal(shard.checkpoint(20).cells.length, 1)
  ask(shard, 2, { type: 'seal' })
  settle(2, 4)
  shard.durableSeq = shard.seq
  equal(shard.forget(cellOf(2)), false, 'has a snapshot that must go first')
  deepEqual(shard.checkpoint(30).gone, [keyNo(2)])
  equal(shard.forget(cellOf(2)), true)
})

test('shard: behind: only what was read and is not in memory can tell (T2)', () => {
  const shard = shardOfCoins()
  const line = ask(shard, 1, { type: 'fill', coins: 1 })!
  shard.durableSeq = 0
  const of = (n: number, id: string, seq: number) => ({
    want: { key: keyNo(n) },
    snapshot: undefined,
    lines: [line],
    account: { id, seq, balances: [0, 0, 0] as const },
  })
  equal(shard.isBehind(of(1, purse, 1)), false, 'both are in memory')
  equal(shard.isBehind(of(2, purse, 1)), true, 'the actor is not')
  equal(shard.isBehind(of(1, 'wallet:budi', 1)), true, 'the wallet is not')
  shard.durableSeq = 1
  equal(shard.isBehind(of(2, 'wallet:budi', 1)), false, 'all of it was written here')
})

test('shard: wake: from snapshot or from lines, once, and awake it is not asleep (T4)', () => {
  const shard = shardOfCoins()
  const line = ask(shard, 1, { type: 'fill', coins: 1 })!
  const image = JSON.parse(JSON.stringify(shard.cells.get(keyNo(1))!.image()))
  for (const [snapshot, lines] of [
    [image, []],
    [undefined, [line]],
  ] as const) {
    const other = shardOfCoins(100, { dormant: [[keyNo(1), 710, 'jar']], seq: 1, hash: shard.hash })
    const cell = other.wake('', keyNo(1), snapshot, lines)
    deepEqual(cell.image(), image)
    deepEqual([other.open, other.live, other.dormant.size], [1, 1, 0])
    equal(other.wake('', keyNo(1), undefined, []), cell)
  }
})

/** Burns for a second whenever it is lit, and is there for good. */
type Lamp = {
  state: { readonly phase: 'dark' | 'lit' | 'broken'; readonly until: number }
  command: { readonly type: 'light' | 'dim' | 'break' }
  event: { readonly type: 'lit' | 'dimmed' | 'broken' }
  effect: never
  refusal: never
}
const lamp = actor<Lamp>({
  name: 'lamp',
  version: 1,
  initial: { phase: 'dark', until: 0 },
  decide: {
    light: () => ({ accepted: [{ type: 'lit' }] }),
    dim: () => ({ accepted: [{ type: 'dimmed' }] }),
    break: () => ({ accepted: [{ type: 'broken' }] }),
  },
  evolve: {
    lit: (_, __, at) => ({ phase: 'lit', until: at + 1_000 }),
    dimmed: () => ({ phase: 'dark', until: 0 }),
    broken: () => ({ phase: 'broken', until: 0 }),
  },
  react: {},
  resume: {},
  timers: ({ phase, until }) => (phase === 'lit' ? [{ at: until, command: { type: 'dim' } }] : []),
  lasts: true,
  rest: ({ phase }) => (phase === 'dark' ? 'idle' : phase === 'lit' ? 'machine' : 'final'),
})

test('shard: one that lasts: kept while idle, and open only while it moves (T8)', () => {
  const lamps = new Map([['lamp', forget(lamp)]])
  const shard = new Shard(emptyShard(0, 1), lamps, floorOf, 0)
  const tell = (type: Lamp['command']['type']) =>
    shard.turn({ shard: 0, key: keyNo(1), kind: 'lamp', command: { type } }, 10)
  const counts = (one: Shard) => [one.open, one.live, one.dormant.size, one.ownerless]
  tell('light')
  deepEqual(counts(shard), [1, 1, 0, 0])
  tell('dim')
  deepEqual(counts(shard), [0, 1, 0, 0])
  const image = shard.checkpoint(20)
  deepEqual(
    image.cells.map(cell => [cell.key, cell.wakeAt]),
    [[keyNo(1), null]],
  )
  shard.durableSeq = shard.seq
  equal(
    shard.passivate(1_000, () => true),
    1,
  )
  deepEqual(counts(shard), [0, 0, 1, 0])

  const rest = { seq: image.seq, hash: image.hash, at: 10, claims: image.claims }
  const dormant = [[keyNo(1), null, 'lamp']] as const
  const recovered = new Shard({ ...emptyShard(0, 1), ...rest, dormant }, lamps, floorOf, 0)
  deepEqual(counts(recovered), [0, 0, 1, 0])
  for (const one of [shard, recovered]) {
    one.wake('lamp', keyNo(1), JSON.parse(JSON.stringify(image.cells[0])), [])
    deepEqual(counts(one), [0, 1, 0, 0])
    const light = { shard: 0, key: keyNo(1), kind: 'lamp', command: { type: 'light' } }
    one.turn(light, 30)
    deepEqual(counts(one), [1, 1, 0, 0])
    one.turn({ ...light, command: { type: 'break' } }, 40)
    deepEqual(counts(one), [0, 0, 0, 0])
  }
})

test('shard: the living of a kind: counted asleep and awake, and no longer when final (T10)', () => {
  const lamps = new Map([
    ['lamp', forget(lamp)],
    ['jar', forget(jar)],
  ])
  const shard = new Shard(shardWith(9), lamps, floorOf, 0)
  const tell = (type: Lamp['command']['type'], at: number, one = shard) =>
    one.turn({ shard: 0, key: keyNo(1), kind: 'lamp', command: { type } }, at)
  const living = (one: Shard) => [one.livingOf('lamp'), one.livingOf('jar'), one.livingOf('mint')]
  deepEqual(living(shard), [0, 0, 0])
  tell('light', 10)
  ask(shard, 2, { type: 'fill', coins: 1 })
  deepEqual(living(shard), [1, 1, 0])
  tell('dim', 20)
  const { seq, hash, claims, cells } = shard.checkpoint(20)
  shard.durableSeq = shard.seq
  equal(
    shard.passivate(1_000, cell => cell.key === keyNo(1)),
    1,
  )
  deepEqual(living(shard), [1, 1, 0])
  const dormant = [[keyNo(1), null, 'lamp']] as const
  const image = { ...emptyShard(0, 1), seq, hash, at: 20, claims, dormant }
  const recovered = new Shard(image, lamps, floorOf, 0)
  deepEqual(living(recovered), [1, 0, 0])
  for (const one of [shard, recovered]) {
    const lampImage = cells.find(({ key }) => key === keyNo(1))
    one.wake('lamp', keyNo(1), JSON.parse(JSON.stringify(lampImage)), [])
    equal(one.livingOf('lamp'), 1)
    tell('light', 30, one)
    equal(one.livingOf('lamp'), 1)
    tell('break', 40, one)
    equal(one.livingOf('lamp'), 0)
  }
})

test('shard: hold: released by itself when its time is over, in a line of its own (T1)', () => {
  const timed = {
    ...forget(jar),
    decide: {
      ...forget(jar).decide,
      fill: () => ({
        accepted: [],
        postings: [
          {
            op: 'hold',
            name: 'h',
            debit: purse,
            credit: 'sales',
            amount: 4,
            expiresAt: 50,
          } as const,
        ],
      }),
    },
  }
  const shard = new Shard(shardWith(9), new Map([['jar', timed]]), floorOf, 0)
  ask(shard, 1, { type: 'fill', coins: 1 })
  equal(shard.expire(keyNo(1), 49), null)
  const { line } = shard.expire(keyNo(1), 50)!
  deepEqual(decode(line!.body).entries, [['expire', 'h', purse, 'sales', 4, [9, 0, 0], [0, 0, 0]]])
  equal(shard.account(purse).available, 9)
  equal(shard.expire(keyNo(1), 60), null)
})

/** All that two shards must have in common. */
function dump(shard: Shard): unknown {
  const cells = [...shard.cells.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  const accounts = [...shard.accounts.values()].filter(one => one.id !== 'cash')
  return {
    seq: shard.seq,
    hash: shard.hash,
    cells: cells.map(cell => cell.image()),
    accounts: accounts.map(one => [one.id, one.balances()]).sort(),
    counts: [shard.open, shard.ownerless],
  }
}

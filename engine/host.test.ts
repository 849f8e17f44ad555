import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { type AnyActor, forget } from './actor.ts'
import { Fault } from './assert.ts'
import { type Batch, Host, type HostLimits, usualLimits, type Want } from './host.ts'
import { keyOf } from './ids.ts'
import { floorOf, jar, keyNo, mint, purse, shardWith, toJar, toMint } from './jar.fixture.ts'
import type { Errand } from './outbox.ts'
import type { Reply, ShardImage } from './shard.ts'

type Heard = (Reply | Fault)[]

type Options = { limits?: Partial<HostLimits>; jar?: AnyActor; image?: Partial<ShardImage> }

/** A host with one shard, and a purse that is in memory. */
function hostOf(coins = 100, options: Options = {}): Host {
  const host = new Host({
    actors: [options.jar ?? forget(jar), forget(mint)],
    floorOf,
    limitOf: () => 10,
    limits: { ...usualLimits, ...options.limits },
  })
  host.adopt({ ...shardWith(coins), ...options.image }, 0)
  return host
}

/** Asks jar `n` and gives whatever the host had to read. */
function ask(host: Host, n: number, command?: Parameters<typeof toJar>[1], now = 10): Heard {
  const heard: Heard = []
  host.receive(toJar(n, command), now, reply => heard.push(reply))
  giveAll(host, now)
  return heard
}

/** Everything that is wanted is found, and is nothing new. */
function giveAll(host: Host, now = 10): void {
  for (let wants = host.wants(); wants !== null; wants = host.wants()) {
    const nothing = { snapshot: undefined, lines: [], account: undefined }
    host.found(
      wants.map(want => ({ want, ...nothing })),
      now,
    )
  }
}

/** A shard with a past, of whose actors nothing is known yet. */
const seasoned = { image: { seq: 5 } }

const write = (host: Host, now = 10): Batch => {
  const batch = host.drain(now)!
  host.written(batch, now)
  return batch
}
const fill = (coins = 1) => ({ type: 'fill', coins }) as const
const isFault = (reply: Reply | Fault | undefined, code: string, untouched = true): void => {
  ok(reply instanceof Fault)
  deepEqual([reply.code, reply.untouched], [code, untouched])
}
const errands = (host: Host): Errand[] => {
  const out: Errand[] = []
  host.outbox.drain(errand => out.push(errand))
  return out
}
const down = new Fault('journal.unavailable', { untouched: false })

test('host: batch: a second one goes behind the first, a third waits (H1)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const first = host.drain(10)!
  ask(host, 2, fill())
  const second = host.drain(10)!
  ask(host, 3, fill())
  equal(host.drain(10), null)
  throws(() => host.written(second, 10))
  throws(() => host.failed(second, down))
  host.written(first, 10)
  notEqual(host.drain(10), null)
})

test('host: batch: behind one that failed nothing leaves until all have come back (H1, H3)', () => {
  const host = hostOf()
  const first = ask(host, 1, fill())
  const failing = host.drain(10)!
  const second = ask(host, 2, fill())
  const behind = host.drain(10)!
  host.failed(failing, down)
  isFault(first[0], 'journal.unavailable', false)
  deepEqual([second.length, host.lost()], [0, []])
  host.adopt({ ...shardWith(5), shard: 1 }, 10)
  host.receive({ ...toMint(1), shard: 1 }, 10, () => {})
  giveAll(host)
  equal(host.drain(10), null)
  throws(() => host.written(behind, 10))
  host.failed(behind, new Fault('journal.unavailable', { untouched: true }))
  isFault(second[0], 'journal.unavailable', true)
  deepEqual(host.lost(), [0])
  notEqual(host.drain(10), null)
})

test('host: batch: only the one in flight can come back (H1)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const batch = host.drain(10)!
  throws(() => host.written({ ...batch }, 10))
  throws(() => host.failed({ ...batch }, down))
  host.written(batch, 10)
  throws(() => host.written(batch, 10))
})

test('host: batch: the next may leave before anybody hears of the one that landed (H1)', () => {
  const host = hostOf()
  const first = ask(host, 1, fill())
  const batch = host.drain(10)!
  const second = ask(host, 2, fill())
  throws(() => host.landed({ ...batch }))
  host.landed(batch)
  const next = host.drain(10)!
  deepEqual([first.length, second.length], [0, 0])
  host.written(batch, 10)
  deepEqual([first.length, second.length], [1, 0])
  host.failed(next, down)
  throws(() => host.written(batch, 10))
})

test('host: sleep: nothing leaves memory that only a batch under way has covered (H3)', () => {
  const host = hostOf(100, { limits: { idleMs: 0 } })
  ask(host, 1, fill())
  const first = host.drain(10, { checkpointAll: true })!
  ask(host, 2, fill())
  host.landed(first)
  const next = host.drain(10, { checkpointAll: true })!
  host.written(first, 1_000)
  const { accounts } = host.shard(0)!
  ok(accounts.has(purse))
  host.written(next, 1_000)
  ok(!accounts.has(purse))
})

test('host: batch: all that came meanwhile goes together, in its order (H1)', () => {
  const host = hostOf()
  for (const n of [1, 2, 3]) ask(host, n, fill())
  const { lines, fence } = host.drain(10)!
  deepEqual(
    lines.map(line => line.seq),
    [1, 2, 3],
  )
  deepEqual([...fence], [[0, 1]])
})

test('host: gate: replies, refusals and reads leave when the batch is durable (H2)', () => {
  const host = hostOf()
  const heard = [ask(host, 1, fill()), ask(host, 1, fill()), ask(host, 1)]
  deepEqual(heard, [[], [], []])
  const batch = host.drain(10)!
  deepEqual(heard, [[], [], []])
  equal(batch.lines.length, 1)
  host.written(batch, 10)
  deepEqual(
    heard.map(([reply]) => Object.keys(reply!)[0]),
    ['accepted', 'refused', 'accepted'],
  )
})

test('host: gate: even a lone refusal goes past the fence (H2)', () => {
  const host = hostOf(0)
  const heard = ask(host, 1, fill())
  const batch = host.drain(10)!
  deepEqual([batch.lines.length, [...batch.fence]], [0, [[0, 1]]])
  host.failed(batch, new Fault('journal.fenced', { untouched: true }))
  isFault(heard[0], 'journal.fenced')
})

test('host: gate: no effect is handed out before its record is durable (H2)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const batch = host.drain(10)!
  deepEqual(errands(host), [])
  host.written(batch, 10)
  const [errand] = errands(host)
  deepEqual([errand!.effect.type, errand!.resumed, errand!.owner], ['shine', false, purse])
})

test('host: failed write: its shards are lost, with all that came after it (H3)', () => {
  const host = hostOf()
  const first = ask(host, 1, fill())
  const batch = host.drain(10)!
  const second = ask(host, 2, fill())
  host.failed(batch, down)
  equal(host.owns(0), false)
  deepEqual(host.lost(), [0])
  isFault(first[0], 'journal.unavailable', false)
  isFault(second[0], 'journal.unavailable', true)
  isFault(ask(host, 3, fill())[0], 'shard.stopped')
  equal(host.drain(10), null)
})

test('host: failed write: a shard that was not in it goes on (H3)', () => {
  const host = hostOf()
  host.adopt(shardWith(50, 1), 0)
  ask(host, 1, fill())
  const batch = host.drain(10)!
  const heard: Heard = []
  host.receive({ ...toJar(1, fill()), shard: 1 }, 10, reply => heard.push(reply))
  giveAll(host)
  host.failed(batch, down)
  write(host)
  ok('accepted' in heard[0]!)
})

test('host: failed write: read again while others are written, but not with itself (H9)', () => {
  const host = hostOf()
  host.adopt({ ...shardWith(5), shard: 1 }, 10)
  ask(host, 1, fill())
  const failing = host.drain(10)!
  host.receive({ ...toMint(1), shard: 1 }, 10, () => {})
  host.failed(failing, down)
  giveAll(host)
  const other = host.drain(10)!
  deepEqual([[...other.fence.keys()], host.lost(), host.isWhole], [[1], [0], false])
  host.adopt(shardWith(5), 10)
  deepEqual([host.lost(), host.isWhole], [[], true])
  host.written(other, 10)

  ask(host, 1, fill())
  const own = host.drain(10)!
  ask(host, 2, { type: 'smash' })
  deepEqual([host.lost(), host.isWhole], [[], false])
  host.written(own, 10)
  deepEqual(host.lost(), [0])
})

test('host: failed write: nothing is recovered while it is being written (H3)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const batch = host.drain(10)!
  ask(host, 2, { type: 'smash' })
  deepEqual(host.lost(), [])
  host.written(batch, 10)
  deepEqual(host.lost(), [0])
})

test('host: failed write: an older life that never heard of its end leaves nothing (H3, H4)', () => {
  const host = hostOf()
  const heard = ask(host, 1, fill())
  host.adopt({ ...shardWith(100), epoch: 2 }, 20)
  isFault(heard[0], 'journal.fenced')
  equal(host.drain(20), null)
  deepEqual([host.lost(), host.waiting], [[], 0])
})

test('host: answer: one that came too early is delivered after recovery (H4)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const { lines } = write(host)
  const [errand] = errands(host)
  ask(host, 2, fill())
  host.failed(host.drain(10)!, down)
  host.receive(toJar(1, { type: 'seal' }, { cause: errand!.id }), 10)
  host.adopt({ ...shardWith(100), tail: lines }, 20)
  giveAll(host)
  const { lines: after } = write(host)
  match(after[0]!.body, /"c":"seal"/)
  match(after[0]!.body, new RegExp(`"by":"${errand!.id}"`))
})

test('host: answer: one whose record was lost in the gate is delivered again (H4)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const { lines } = write(host)
  const [errand] = errands(host)
  host.receive(toJar(1, { type: 'seal' }, { cause: errand!.id }), 10)
  host.failed(host.drain(10)!, down)
  host.adopt({ ...shardWith(100), tail: lines }, 20)
  giveAll(host)
  match(write(host).lines[0]!.body, /"c":"seal"/)
})

test('host: answer: delivered again after each recovery, and never twice after one (H4)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const { lines } = write(host)
  host.receive(toJar(1, { type: 'seal' }, { cause: errands(host)[0]!.id }), 10)
  for (const now of [20, 30]) {
    host.failed(host.drain(now)!, down)
    host.adopt({ ...shardWith(100), tail: lines }, now)
    giveAll(host)
    equal(host.waiting, 1)
  }
})

test('host: answer: of a shard that is somebody else’s by now it is dropped (H4)', () => {
  const host = hostOf()
  host.release([0])
  host.receive(toJar(1, { type: 'seal' }, { cause: 'x/1/0' }), 10)
  host.adopt(shardWith(100), 20)
  equal(host.wants(), null)
  equal(host.waiting, 0)
})

test('host: answer: one in the gate of a shard that was given up is dropped as well (H4)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const { lines } = write(host)
  host.receive(toJar(1, { type: 'seal' }, { cause: errands(host)[0]!.id }), 10)
  const asker = ask(host, 2, fill())
  host.release([0])
  isFault(asker[0], 'journal.fenced')
  host.adopt({ ...shardWith(100), tail: lines }, 20)
  equal(host.drain(20), null)
})

test('host: load: who waits in one shard goes on when another is lost (H3, H5)', () => {
  const host = hostOf(100, seasoned)
  host.adopt({ ...shardWith(100, 1), seq: 5 }, 0)
  const heard: Heard = []
  host.receive({ ...toJar(1, fill()), shard: 1 }, 10, reply => heard.push(reply))
  host.release([0])
  giveAll(host)
  write(host)
  ok(heard[0] !== undefined && 'accepted' in heard[0])
})

test('host: batch: one that lands after its shard was lost is told, and nothing else (H6)', () => {
  const host = hostOf()
  const heard = ask(host, 1, fill())
  const batch = host.drain(10, { checkpointAll: true })!
  ask(host, 2, { type: 'smash' })
  host.written(batch, 10)
  ok(heard[0] !== undefined && 'accepted' in heard[0])
  deepEqual([errands(host), host.lost()], [[], [0]])
})

test('host: recovery: what was owed is taken up again, as something that may have begun (H4)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  const { lines } = write(host)
  const next = hostOf(100, { image: { tail: lines } })
  const [errand, ...more] = errands(next)
  deepEqual([errand!.resumed, errand!.id, more.length], [true, errands(host)[0]!.id, 0])
})

test('host: recovery: an effect that may be repeated is not marked (H4)', () => {
  const bold = { ...forget(jar), resume: { shine: 'repeat' as const } }
  const host = hostOf(100, { jar: bold })
  ask(host, 1, fill())
  const { lines } = write(host)
  equal(errands(hostOf(100, { jar: bold, image: { tail: lines } }))[0]!.resumed, false)
})

test('host: load: all that is missing is one question, and order is kept (H5)', () => {
  const host = hostOf(100, seasoned)
  const order: string[] = []
  const tell = (n: number, command: Parameters<typeof toJar>[1]) =>
    host.receive(toJar(n, command), 10, reply => {
      order.push(`${n} ${'accepted' in reply ? 'yes' : 'no'}`)
    })
  tell(1, fill())
  tell(2, fill())
  tell(1, { type: 'seal' })
  const wants = host.wants()!
  deepEqual(
    wants.map(want => want.key),
    [keyNo(1), keyNo(2)],
  )
  tell(3, fill())
  equal(host.wants(), null)
  const nothing = { snapshot: undefined, lines: [], account: undefined }
  host.found(
    wants.map(want => ({ want, ...nothing })),
    10,
  )
  giveAll(host)
  write(host)
  deepEqual(order, ['1 yes', '1 yes', '2 yes', '3 yes'])
})

test('host: load: a wallet is read with the actor that needs it (H5)', () => {
  const host = hostOf(0, { image: { accounts: [], seq: 5 } })
  const heard: Heard = []
  host.receive(toJar(1, fill(7)), 10, reply => heard.push(reply))
  const wants = host.wants()!
  deepEqual([wants[0]!.account, wants[0]!.cell], [purse, true])
  const account = { id: purse, seq: 0, balances: [9, 0, 0] as const }
  host.found(
    wants.map(want => ({ want, snapshot: undefined, lines: [], account })),
    10,
  )
  write(host)
  ok('accepted' in heard[0]! && heard[0].available === 2)
})

test('host: load: what could not be read is told as untouched, own affairs try again (H5)', () => {
  const host = hostOf(100, seasoned)
  const heard: Heard = []
  host.receive(toJar(1, fill()), 10, reply => heard.push(reply))
  host.receive(toJar(2, fill()), 10)
  const wants = host.wants()!
  host.notFound(wants, 10)
  isFault(heard[0], 'journal.unavailable')
  deepEqual(
    host.wants()!.map(want => want.key),
    [keyNo(2)],
  )
})

test('host: load: an answer from before a recovery is not believed (H5)', () => {
  const host = hostOf(100, seasoned)
  ask(host, 1, fill(30))
  const { lines } = write(host)
  host.receive(toJar(2, fill()), 10)
  const wants = host.wants()!
  host.release([0])
  host.adopt({ ...shardWith(0), ...seasoned.image, accounts: [], tail: lines }, 20)
  host.receive(toJar(2, fill()), 20)
  const old = { id: purse, seq: 0, balances: [100, 0, 0] as const }
  host.found(
    wants.map(want => ({ want, snapshot: undefined, lines: [], account: old })),
    20,
  )
  equal([...host.shards()][0]!.account(purse).available, 70)
  equal(host.wants()!.length, 1)
})

test('host: load: a question of an earlier life: not asked, its answer bears nobody (H5)', () => {
  const host = hostOf(100, seasoned)
  const nothing = { snapshot: undefined, lines: [], account: undefined }
  const answer = (wants: readonly Want[]) =>
    host.found(
      wants.map(want => ({ want, ...nothing })),
      20,
    )
  host.receive(toJar(1, fill()), 10)
  const first = host.wants()!
  host.receive(toJar(2, fill()), 10)
  host.release([0])
  host.adopt({ ...shardWith(100), ...seasoned.image }, 20)
  answer(first)
  equal(host.wants(), null)

  host.receive(toJar(2, fill()), 20)
  const own = host.wants()!
  answer(own)
  equal(write(host).lines.length, 1)
  host.release([0])
  host.adopt({ ...shardWith(100), ...seasoned.image }, 20)
  answer(own)
  equal(host.cells, 0)
})

test('host: keys: until all of this life’s are known, a new actor is looked for (H5)', () => {
  const host = hostOf(100, seasoned)
  host.release([0])
  host.adopt({ ...shardWith(100), ...seasoned.image, epoch: 2 }, 20)
  const isNew = (n: number) => host.shard(0)!.isNew(keyNo(n))
  host.learnKeys(0, 1, [], true)
  deepEqual([isNew(1), host.unlearned().length], [false, 1], 'an answer to an earlier life')
  host.learnKeys(0, 2, [keyNo(2)], false)
  deepEqual([isNew(1), host.unlearned().length], [false, 1], 'not the last of them')
  host.learnKeys(0, 2, [keyNo(3)], true)
  deepEqual([1, 2, 3].map(isNew), [true, false, false])
  deepEqual(host.unlearned(), [])
})

test('host: load: what is newer than all that was written here ends the shard (H5)', () => {
  const host = hostOf(100, seasoned)
  const heard: Heard = []
  host.receive(toJar(1, fill()), 10, reply => heard.push(reply))
  const other = hostOf(100, seasoned)
  ask(other, 1, fill())
  const { lines } = write(other)
  const [want] = host.wants()!
  host.found([{ want: want!, snapshot: undefined, lines, account: undefined }], 10)
  isFault(heard[0], 'journal.fenced')
  equal(host.owns(0), false)
  equal(host.stats.violations, 0)
})

test('host: violation: nothing of that turn, or of its shard, is written (H6)', () => {
  const host = hostOf()
  const before = ask(host, 1, fill())
  const heard = ask(host, 2, { type: 'smash' })
  isFault(heard[0], 'shard.stopped')
  isFault(before[0], 'shard.stopped')
  equal(host.drain(10), null)
  deepEqual([host.lost(), host.stats.violations], [[0], 1])
  match(host.lastViolation!, /L3/)
})

test('host: load: one that can not be read back is told so, and its neighbours go on (H6)', () => {
  const host = hostOf(100, seasoned)
  const heard: Heard = []
  host.receive(toJar(1, fill()), 10, reply => heard.push(reply))
  const [want] = host.wants()!
  const spoilt = { seq: 1, hash: '', shard: 0, key: keyNo(1), body: 'not a record' }
  host.found([{ want: want!, snapshot: undefined, lines: [spoilt], account: undefined }], 10)
  isFault(heard[0], 'shard.stopped')
  equal(host.stats.violations, 1)
  const others = ask(host, 2, fill())
  write(host)
  ok(others[0] && 'accepted' in others[0])
  ask(host, 1, fill())
  write(host)
})

test('host: load: one that can not be read back sleeps on, with its alarm (H6)', () => {
  const host = hostOf(100, { image: { seq: 5, dormant: [[keyNo(1), 700, 'jar']] } })
  host.receive(toJar(1), 10, () => {})
  const [want] = host.wants()!
  const other = hostOf()
  ask(other, 1, fill())
  // A line that the snapshot has already: it does not go on from there.
  const { lines } = write(other)
  const snapshot = other.shard(0)!.cells.get(keyNo(1))!.image()
  host.found([{ want: want!, snapshot, lines, account: undefined }], 10)
  deepEqual([[...host.shard(0)!.dormant], host.open, host.cells], [[[keyNo(1), 700]], 1, 0])
  host.fire(1_000)
  deepEqual(
    host.wants()?.map(({ key }) => key),
    [keyNo(1)],
  )
})

test('host: violation: who does it again and again is put aside, others go on (H6)', () => {
  const host = hostOf()
  for (let round = 1; round <= 3; round++) {
    isFault(ask(host, 2, { type: 'smash' })[0], 'shard.stopped')
    host.adopt(shardWith(100), round)
  }
  isFault(ask(host, 2, { type: 'smash' })[0], 'shard.stopped')
  equal(host.owns(0), true)
  const neighbour = ask(host, 1, fill())
  write(host)
  ok('accepted' in neighbour[0]!)
})

test('host: bound: over the limit of what waits, the answer is a fault at once (H7)', () => {
  const host = hostOf(100, { limits: { waitingMax: 2 } })
  ask(host, 1, fill())
  ask(host, 2, fill())
  isFault(ask(host, 3, fill())[0], 'engine.overloaded')
  write(host)
  deepEqual(ask(host, 3, fill()), [])
})

test('host: bound: over the limit of what lives, nothing new begins (H7)', () => {
  const host = hostOf(100, { limits: { openMax: 2 } })
  ask(host, 1, fill())
  ask(host, 2, fill())
  write(host)
  isFault(ask(host, 3, fill())[0], 'engine.overloaded')
})

test('host: bound: what lived before is counted, and what ended makes room (H7)', () => {
  const before = hostOf(100)
  ask(before, 1, fill())
  ask(before, 2, fill())
  const { lines } = write(before)
  const limits = { openMax: 2 }
  const host = hostOf(100, { limits, image: { tail: lines } })
  isFault(ask(host, 3, fill())[0], 'engine.overloaded')
  const [errand] = errands(host)
  host.receive(toJar(1, { type: 'seal' }, { cause: errand!.id }), 20)
  giveAll(host)
  write(host)
  deepEqual(ask(host, 3, fill()), [])
})

test('host: bound: an answer to an effect is taken in however full it is (H7)', () => {
  const host = hostOf(100, { limits: { waitingMax: 1 } })
  ask(host, 1, fill())
  write(host)
  const [errand] = errands(host)
  ask(host, 2, fill())
  host.receive(toJar(1, { type: 'seal' }, { cause: errand!.id }), 10)
  equal(write(host).lines.length, 2)
})

test('host: checkpoint: soon where few actors are to be written, else not for ever (H7)', () => {
  /** Lines until a checkpoint, where the first of them are of jars and the others of one mint. */
  const linesOf = (jars: number): number => {
    const host = hostOf(100, { limits: { checkpointEvery: 8 } })
    for (let n = 1; n <= 100; n++) {
      if (n <= jars) ask(host, n, fill())
      else host.receive(toMint(1), 10)
      giveAll(host)
      const { checkpoints } = write(host)
      if (checkpoints.length > 0) return n
    }
    return 0
  }
  deepEqual([0, 1, 2, 99].map(linesOf), [8, 8, 12, 64])
})

test('host: checkpoint: two at a time, and every one there is when it is asked for (H7)', () => {
  const host = hostOf(100, { limits: { checkpointEvery: 1 } })
  for (const shard of [1, 2]) host.adopt(shardWith(100, shard), 0)
  for (const _ of [1, 2, 3, 4]) {
    for (const shard of [0, 1, 2]) host.receive({ ...toMint(1), shard }, 10)
  }
  const some = host.drain(10)!.checkpoints.map(({ shard }) => shard)
  deepEqual(some, [0, 1])
  for (const shard of [0, 1, 2]) host.receive({ ...toMint(1), shard }, 10)
  const all = host.drain(10, { checkpointAll: true })!.checkpoints.map(({ shard }) => shard)
  deepEqual(all, [0, 1, 2])
})

test('host: sleep: of those who have ended only the newest are kept (H7)', () => {
  const host = hostOf(100, { limits: { finalsMax: 1 } })
  for (const n of [1, 2, 3, 4, 5, 6]) ask(host, n, fill())
  write(host)
  equal(host.cells, 6)
  for (const { id: cause, from } of errands(host)) {
    host.receive({ ...toJar(0, { type: 'seal' }, { cause }), key: keyOf(from) }, 10)
    write(host)
  }
  deepEqual([...host.shard(0)!.cells.keys()], [keyNo(6)])
  equal(host.stats.passivated, 5)
})

test('host: checkpoint: a shard that few ask anything of has one after a while (H7)', () => {
  const host = hostOf(100, { limits: { idleMs: 1_000 } })
  ask(host, 1, fill())
  equal(write(host, 4_940).checkpoints.length, 0)
  equal(host.drain(4_999), null)
  const batch = host.drain(5_050)!
  equal(batch.checkpoints.length, 1)
  host.written(batch, 5_050)
  equal(host.drain(10_050)?.checkpoints.length, 1, 'somebody is awake there')
  const empty = hostOf(100, { limits: { idleMs: 1_000 } })
  equal(empty.drain(10_000), null, 'nobody is, and nothing is new')
})

test('host: sleep: where there are too many, a second of idleness is enough (H7)', () => {
  const asleepOf = (cellsMax: number, now: number): number => {
    const host = hostOf(100, { limits: { cellsMax } })
    for (const n of [1, 2]) ask(host, n, { type: 'fill', coins: 1, ms: 90_000 })
    write(host)
    for (const { id: cause, from } of errands(host)) {
      host.receive({ ...toJar(0, { type: 'poke' }, { cause }), key: keyOf(from) }, 10)
    }
    write(host)
    const batch = host.drain(now)
    if (batch !== null) host.written(batch, now)
    return host.shard(0)!.dormant.size
  }
  deepEqual([asleepOf(1, 999), asleepOf(1, 1_009), asleepOf(1, 1_010)], [0, 0, 2])
  equal(asleepOf(2, 1_010), 0)
})

test('host: timer: rings when it is due, also for one that sleeps, also after a restart (H5)', () => {
  const host = hostOf(100, { limits: { checkpointEvery: 1, idleMs: 0 } })
  ask(host, 1, fill())
  const { lines } = write(host)
  host.receive(toJar(1, { type: 'poke' }, { cause: errands(host)[0]!.id }), 10)
  giveAll(host)
  write(host, 20)
  equal(host.cells, 0)
  host.fire(40_000)
  const [want] = host.wants()!
  equal(want!.key, keyNo(1))

  const restarted = hostOf(100, { image: { tail: lines } })
  restarted.fire(500)
  equal(restarted.drain(500), null)
  restarted.fire(5_000)
  match(write(restarted, 5_000).lines[0]!.body, /"c":"spill"/)
})

test('host: timer: one that rings again and again is set once (H7)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  write(host)
  equal(host.wheel.size, 1)
  host.receive(toJar(1, { type: 'poke' }, { cause: errands(host)[0]!.id }), 20)
  equal(write(host, 20).lines.length, 1)
  equal(host.wheel.size, 1)
})

test('host: timer: a deadline that was put off rings at its new time (H5)', () => {
  const put = { type: 'filled', coins: 1, word: '', until: 9_000 }
  const patient = { ...forget(jar).decide, poke: () => ({ accepted: [put] }) }
  const host = hostOf(100, { jar: { ...forget(jar), decide: patient } })
  ask(host, 1, fill())
  ask(host, 1, { type: 'poke' })
  write(host)
  equal(host.fire(2_000), 1)
  equal(host.drain(2_000), null)
  equal(host.fire(8_900), 0)
  equal(host.fire(9_100), 1)
  match(write(host, 9_100).lines[0]!.body, /"c":"spill"/)
})

test('host: timer: one that changes nothing rings again, but a minute later (H7)', () => {
  const timers = () => [{ at: 500, command: { type: 'poke' } }]
  const host = hostOf(100, { jar: { ...forget(jar), timers } })
  ask(host, 1, fill())
  write(host)
  const rings: number[] = []
  for (let now = 10_000; now < 200_000; now += 1_000) {
    if (host.fire(now) > 0) rings.push(now)
    const batch = host.drain(now)
    if (batch !== null) host.written(batch, now)
  }
  deepEqual(rings, [10_000, 70_000, 130_000, 190_000])
})

test('host: timer: one whose turn is a violation stops its shard, and nothing else (H6)', () => {
  const careless = { ...forget(jar).decide, spill: forget(jar).decide['smash']! }
  const host = hostOf(100, { jar: { ...forget(jar), decide: careless } })
  ask(host, 1, fill())
  write(host)
  host.adopt(shardWith(100, 1), 20)
  host.fire(5_000)
  deepEqual([host.stats.violations, host.lost(), host.owns(1)], [1, [0], true])
  equal(host.drain(5_000), null)
})

test('host: timer: a hold whose time is over is released without being asked (H5)', () => {
  const timed: AnyActor = {
    ...forget(jar),
    timers: () => [],
    decide: {
      ...forget(jar).decide,
      fill: () => ({
        accepted: [],
        postings: [
          { op: 'hold', name: 'h', debit: purse, credit: 'sales', amount: 4, expiresAt: 5_000 },
        ],
      }),
    },
  }
  const host = hostOf(9, { jar: timed })
  ask(host, 1, fill())
  write(host)
  host.fire(4_900)
  equal(host.drain(4_900), null)
  host.fire(5_100)
  match(write(host, 5_100).lines[0]!.body, /"c":"expire"/)
})

test('host: timer: when stale alarms are cleared away, whoever lives is still woken (H7)', () => {
  const host = hostOf(100, { limits: { checkpointEvery: 1, idleMs: 0 } })
  ask(host, 1, fill())
  write(host)
  host.receive(toJar(1, { type: 'poke' }, { cause: errands(host)[0]!.id }), 10)
  giveAll(host)
  write(host, 20)
  host.shard(0)!.keepAccount({ id: purse, seq: 2, balances: [100, 1, 0] })
  ask(host, 2, { type: 'fill', coins: 1, ms: 2_000 })
  write(host)
  const { dormant, cells } = host.shard(0)!
  deepEqual([[...dormant.keys()], [...cells.keys()]], [[keyNo(1)], [keyNo(2)]])
  for (let n = 0; n < 100_010; n++) host.wheel.arm(0, keyNo(9), 10_000_000)
  host.fire(20)
  equal(host.wheel.size, 2)
  equal(host.fire(40_000), 2)
  match(write(host, 40_000).lines[0]!.body, /"c":"spill"/)
  equal(host.wants()![0]!.key, keyNo(1))
})

test('host: failed write: effects that waited are not handed out any more (H3)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  write(host)
  equal(host.outbox.waiting, 1)
  ask(host, 2, fill())
  host.failed(host.drain(10)!, down)
  equal(host.outbox.waiting, 0)
})

test('host: money: what one actor pays in, another can spend in the same batch (H1)', () => {
  const host = hostOf(0)
  host.receive(toMint(50), 10)
  const heard = ask(host, 1, fill(50))
  write(host)
  ok('accepted' in heard[0]!)
})

test('host: read back: who had ended is not kept, and is read when asked for (H8)', () => {
  const host = hostOf()
  ask(host, 1, fill())
  ask(host, 2, fill())
  const { lines } = write(host)
  const [shine] = errands(host)
  host.receive({ ...toJar(1, { type: 'seal' }), cause: shine!.id }, 10)
  const tail = [...lines, ...write(host).lines]

  const next = hostOf(100, { image: { tail } })
  deepEqual([...next.shard(0)!.cells.keys()], [keyNo(2)])
  deepEqual([next.open, next.shard(0)!.unsaved], [1, 1])
  const heard: Heard = []
  next.receive(toJar(1), 20, reply => heard.push(reply))
  const wants = next.wants()!
  deepEqual([wants.length, wants[0]!.key, wants[0]!.cell], [1, keyNo(1), true])
  const own = tail.filter(line => line.key === keyNo(1))
  next.found([{ want: wants[0]!, snapshot: undefined, lines: own, account: undefined }], 20)
  write(next, 20)
  const [reply] = heard
  ok(reply !== undefined && 'state' in reply)
  equal(reply.state.phase, 'sealed')
})

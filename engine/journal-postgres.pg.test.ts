import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import pg from 'pg'
import { testDatabase } from '../deploy/testing/database.ts'
import { wayTo } from '../sql/silence.fixture.ts'
import { forget } from './actor.ts'
import { Fault } from './assert.ts'
import { type Batch, Host, usualLimits } from './host.ts'
import { floorOf, jar, keyNo, mint, purse, toJar, toMint } from './jar.fixture.ts'
import type { Journal } from './journal.ts'
import { openJournal } from './journal-postgres.ts'
import type { Line } from './record.ts'
import { emptyShard, type ShardImage } from './shard.ts'
import { MemoryJournal } from './sim/memory-journal.ts'
import { Prng } from './sim/prng.ts'

const shards = 2
const versions = new Map([
  ['jar', 1],
  ['mint', 1],
])
const open: { close(): Promise<void> }[] = []
const databases: Awaited<ReturnType<typeof testDatabase>>[] = []
after(async () => {
  for (const one of open) await one.close()
  for (const one of databases) await one.drop()
})

async function newDatabase(): Promise<string> {
  const database = await testDatabase()
  databases.push(database)
  return database.url
}

async function journalAt(url: string): Promise<Journal> {
  const journal = await openJournal({ url, shards, versions })
  open.push(journal)
  return journal
}

/** Batches as a host makes them: jars are filled, sealed and spilt, with checkpoints between. */
function batches(epoch: number, count: number, seed = 1): Batch[] {
  const prng = new Prng(seed)
  const limits = { ...usualLimits, checkpointEvery: 4, idleMs: 1 }
  const actors = [forget(jar), forget(mint)]
  const host = new Host({ actors, floorOf, limitOf: () => 9, limits })
  for (let shard = 0; shard < shards; shard++) host.adopt(emptyShard(shard, epoch), 0)
  const memory = new MemoryJournal({ shards, versions })
  for (let shard = 0; shard < shards; shard++) memory.acquire(shard)
  const made: Batch[] = []
  for (let now = 1_000; made.length < count; now += 100) {
    const shard = prng.below(shards)
    const command = prng.pick([
      { type: 'fill', coins: 3, ms: prng.pick([500, 50_000]), word: `word ${prng.below(9)}` },
      { type: 'seal' },
      { type: 'spill' },
    ] as const)
    host.receive({ ...toMint(10), shard }, now)
    host.receive({ ...toJar(prng.below(20), command), shard }, now)
    host.outbox.drain(({ id, effect }) => {
      host.outbox.done(effect.target)
      if (prng.chance(0.5)) return
      const key = keyNo(Number.parseInt(id.slice(24, 36), 16))
      host.receive({ shard: 0, key, kind: 'jar', command: { type: 'poke' }, cause: id }, now)
    })
    for (let wants = host.wants(); wants !== null; wants = host.wants()) {
      host.found(memory.load(wants), now)
    }
    const batch = host.drain(now)
    if (batch === null) continue
    made.push(MemoryJournal.freeze(batch))
    memory.append({ ...batch, fence: new Map([...batch.fence.keys()].map(one => [one, 1])) })
    host.written(batch, now)
  }
  return made
}

const imagesOf = async (journal: Journal, epoch: number): Promise<ShardImage[]> => {
  const leases = Array.from({ length: shards }, (_, shard) => ({ shard, epoch }))
  const images: ShardImage[] = []
  for await (const image of journal.recover(leases)) images.push(image)
  return images
}

/** Order among equals is nobody's promise, and what is not there may be left out. */
const plain = (image: ShardImage) => ({
  ...JSON.parse(JSON.stringify(image)),
  accounts: [...image.accounts].sort((a, b) => (a.id < b.id ? -1 : 1)),
  dormant: [...image.dormant].sort(),
  cells: JSON.parse(JSON.stringify([...image.cells].sort((a, b) => (a.key < b.key ? -1 : 1)))),
})

const isFault = (code: string, untouched: boolean) => (fault: unknown) => {
  ok(fault instanceof Fault, String(fault))
  deepEqual([fault.code, fault.untouched], [code, untouched])
  return true
}

test('journal: Postgres and memory: the same was written, the same is read back (J1, J3)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const memory = new MemoryJournal({ shards, versions })
  for (let shard = 0; shard < shards; shard++) memory.acquire(shard)
  const all = batches(epoch, 60)
  for (const [index, batch] of all.entries()) {
    await journal.append(batch)
    memory.append(batch)
    if (index % 20 !== 19) continue
    for (const image of await imagesOf(journal, epoch)) {
      deepEqual(plain(image), plain(memory.recover(image.shard)))
    }
  }
  ok(all.some(batch => batch.checkpoints.some(image => image.gone.length > 0)))
  for (let shard = 0; shard < shards; shard++) {
    deepEqual(await journal.lines(shard, 0, 10_000), memory.lines(shard))
    const keys = await journal.keys(shard, '', 10_000)
    deepEqual(keys, memory.keys(shard, '', 10_000))
    deepEqual(await journal.keys(shard, keys[2]!, 2), memory.keys(shard, keys[2]!, 2))
    const wants = keys.map(key => ({ shard, key, kind: '', cell: true, account: purse }))
    const found = await journal.load(wants)
    deepEqual(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(memory.load(wants))))
    for (const key of keys) {
      const own = memory.lines(shard).filter(line => line.key === key)
      deepEqual(await journal.history(shard, key), own)
    }
  }
})

test('journal: append: the same lines again are refused, and nothing is left of them (J1)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const [first, second] = batches(epoch, 2)
  await journal.append(first!)
  const mixed = { ...second!, lines: [...second!.lines, ...first!.lines] }
  await rejects(journal.append(mixed), isFault('journal.fenced', true))
  equal(
    (await journal.lines(0, 0, 99)).length + (await journal.lines(1, 0, 99)).length,
    first!.lines.length,
  )
  await journal.append(second!)
})

test('journal: lines that do not go on where the journal ends: refused, and nothing is left of them (P5)', async () => {
  const journal = await journalAt(await newDatabase())
  const [lease] = await journal.acquire()
  const [first] = batches(lease!.epoch, 1)
  const [line] = first!.lines as [Line]
  const behindGap = { ...first!, lines: [{ ...line, seq: line.seq + 1 }], checkpoints: [] }
  await rejects(
    journal.append(behindGap),
    cause => cause instanceof Fault && cause.untouched && cause.code === 'journal.fenced',
  )
  deepEqual(await journal.lines(line.shard, 0, 9), [])
  await journal.append(first!)
  await rejects(journal.append(first!), Fault)
})

test('journal: takeover: the former holder can write nothing, not even a checkpoint (J2, P2)', async () => {
  const url = await newDatabase()
  const former = await journalAt(url)
  const [{ epoch } = { epoch: 0 }] = await former.acquire()
  const [first, second] = batches(epoch, 2)
  await former.append(first!)
  equal(await former.holds(), true)

  const next = await journalAt(url)
  equal(await next.holderIsGone(), false)
  await next.acquire()
  equal(await former.holds(), false)
  await rejects(former.append(second!), isFault('journal.fenced', true))
  await rejects(former.append({ ...second!, lines: [] }), isFault('journal.fenced', true))
  deepEqual(await former.renew([0, 1]), [])

  equal(await former.holderIsGone(), false)
  await next.close()
  equal(await former.holderIsGone(), true)
})

test('journal: the holder loses its connections: it is not taken for dead (P3)', async () => {
  const url = await newDatabase()
  const holder = await journalAt(url)
  await holder.acquire()
  const other = await journalAt(url)
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  const keepers = `select pid from pg_locks where locktype = 'advisory' and classid = 7222 and granted
    and database = (select oid from pg_database where datname = current_database())`
  try {
    const { rows: before } = await admin.query(keepers)
    equal(before.length, 2)
    await admin.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [
      before.map(row => row.pid),
    ])
    for (;;) {
      const { rows } = await admin.query(keepers)
      if (rows.length === 2 && rows.every(row => before.every(old => old.pid !== row.pid))) break
    }
  } finally {
    await admin.end()
  }
  equal(await other.holderIsGone(), false)
  await holder.close()
  equal(await other.holderIsGone(), true)
})

test('journal: all its connections die without a word: soon it reads and writes again (P3, P7)', async () => {
  const database = await testDatabase()
  databases.push(database)
  const way = await wayTo(database.tcpUrl)
  const journal = await openJournal({ url: way.url, shards, versions, silenceMs: 300 })
  try {
    await journal.acquire()
    const [first, second] = batches(1, 2)
    await journal.append(first!)
    way.mute()
    await rejects(journal.append(second!), isFault('journal.unavailable', false))
    await Promise.allSettled([0, 1, 2].map(() => journal.holds()))
    equal(await journal.holds(), true)
    const leases = await journal.renew([0, 1])
    deepEqual(
      leases.map(lease => lease.epoch),
      [2, 2],
    )
    // For the server the former connection still has its lock: that is no reason to wait.
    const other = await journalAt(database.url)
    equal(await other.holderIsGone(), false)
  } finally {
    await way.close()
    await journal.close()
  }
})

test('journal: renewal: what was sent before it can not land after it (P2, J2)', async () => {
  const journal = await journalAt(await newDatabase())
  const leases = await journal.acquire()
  const [first] = batches(leases[0]!.epoch, 1)
  const renewed = await journal.renew([...first!.fence.keys()])
  deepEqual(
    renewed.map(lease => lease.epoch),
    renewed.map(() => leases[0]!.epoch + 1),
  )
  equal(await journal.holds(), true)
  await rejects(journal.append(first!), isFault('journal.fenced', true))
  const fence = new Map(renewed.map(lease => [lease.shard, lease.epoch]))
  await journal.append({ ...first!, fence })
})

test('journal: broken connection: it may have been written, and is said so (P1)', async () => {
  const url = await newDatabase()
  const journal = await journalAt(url)
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const [first] = batches(epoch, 1)
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  try {
    // The flush stands before a lock, so that it can be cut off in the middle.
    await other.query('select pg_advisory_lock(7221, 1)')
    const cut = rejects(journal.append(first!), isFault('journal.unavailable', false))
    for (;;) {
      const { rows } = await other.query(
        `select pg_terminate_backend(pid) from pg_locks
          where locktype = 'advisory' and classid = 7221 and not granted
            and database = (select oid from pg_database where datname = current_database())`,
      )
      if (rows.length > 0) break
    }
    await cut
  } finally {
    await other.end()
  }
  await journal.append(first!)
})

test('journal: many at once: they land in the order of the calls (P4)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const memory = new MemoryJournal({ shards, versions })
  for (let shard = 0; shard < shards; shard++) memory.acquire(shard)
  const all = batches(epoch, 30)
  const landed: number[] = []
  // The first ones are called while there is no connection yet.
  await Promise.all(all.map((batch, n) => journal.append(batch).then(() => landed.push(n))))
  deepEqual(
    landed,
    all.map((_, n) => n),
  )
  for (const batch of all) memory.append(batch)
  for (let shard = 0; shard < shards; shard++) {
    deepEqual(await journal.lines(shard, 0, 10_000), memory.lines(shard))
  }
})

test('journal: two answers in one read: told in the order of the calls (P4)', async () => {
  const url = await newDatabase()
  const journal = await journalAt(url)
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const [first, second] = batches(epoch, 2)
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  const told: number[] = []
  const answers: Promise<unknown>[] = []
  try {
    await other.query('select pg_advisory_lock(7221, 1)')
    // The first one has to connect, and has a longer way back.
    answers.push(journal.append(first!).then(() => told.push(1)))
    for (;;) {
      const { rows } = await other.query(
        `select from pg_locks
          where locktype = 'advisory' and classid = 7221 and not granted
            and database = (select oid from pg_database where datname = current_database())`,
      )
      if (rows.length > 0) break
    }
    answers.push(journal.append(second!).then(() => told.push(2)))
    await new Promise(resolve => setImmediate(resolve))
  } finally {
    const ended = other.end()
    // Nothing is read here until Postgres has long answered both.
    await new Promise(resolve => setImmediate(resolve))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    await ended
  }
  await Promise.all(answers)
  deepEqual(told, [1, 2])
})

test('journal: behind one that was refused: nothing of the next is left either (P4, J1)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const [first, second, third] = batches(epoch, 3)
  await journal.append(first!)
  const broken = second!.lines.map(line => ({ ...line, hash: 'not a hash' }))
  const refused = rejects(
    journal.append({ ...second!, lines: broken }),
    isFault('journal.unavailable', true),
  )
  const behind = rejects(journal.append(third!), isFault('journal.unavailable', true))
  await Promise.all([refused, behind])
  const count = async () =>
    (await journal.lines(0, 0, 99)).length + (await journal.lines(1, 0, 99)).length
  equal(await count(), first!.lines.length)
  await Promise.all([journal.append(second!), journal.append(third!)])
  equal(await count(), first!.lines.length + second!.lines.length + third!.lines.length)
})

test('journal: broken connection: of what was behind it nobody knows either (P1, P4)', async () => {
  const url = await newDatabase()
  const journal = await journalAt(url)
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const [first, second] = batches(epoch, 2)
  await journal.append({ ...first!, lines: [] })
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  try {
    await other.query('select pg_advisory_lock(7221, 1)')
    const cut = [first!, second!].map(batch =>
      rejects(journal.append(batch), isFault('journal.unavailable', false)),
    )
    for (;;) {
      const { rows } = await other.query(
        `select pg_terminate_backend(pid) from pg_locks
          where locktype = 'advisory' and classid = 7221 and not granted
            and database = (select oid from pg_database where datname = current_database())`,
      )
      if (rows.length > 0) break
    }
    await Promise.all(cut)
  } finally {
    await other.end()
  }
  await Promise.all([journal.append(first!), journal.append(second!)])
})

test('journal: an error that was answered: nothing was written, and is said so (P1)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const [first] = batches(epoch, 1)
  const lines = first!.lines.map(line => ({ ...line, hash: 'not a hash' }))
  await rejects(journal.append({ ...first!, lines }), isFault('journal.unavailable', true))
  await journal.append(first!)
})

/** A line of whatever content; the journal does not look into it. */
const lineWith = (seq: number, body: string, key = keyNo(seq)): Line => ({
  ...{ shard: 0, seq, key, body, hash: createHash('md5').update(body).digest('hex') },
})

test('journal: any words, keys and positions: every byte comes back (J3)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const words = [
    ...['', ' ', '"', "''", '\\', '\\.', '\\N', '\\x00', '$1', '{}', ';--', '\t\r', '\x7f'],
    ...['é', '語', '😀', '\u2028', '\u0085', 'e\u0301', 'x'.repeat(70_000), '語'.repeat(9_000)],
  ]
  const lines = [
    ...words.map((word, index) => lineWith(index + 1, JSON.stringify({ id: '', word }))),
    lineWith(2 ** 31, '{"id":"the sign of an int"}', '0000000000000000'),
    lineWith(2 ** 32 + 7, '{"id":"more than four bytes"}', '3fffffffffffffff'),
  ]
  await journal.append({ fence: new Map([[0, epoch]]), lines, checkpoints: [], piled: [] })
  deepEqual(await journal.lines(0, 0, 99), lines)
  deepEqual(await journal.lines(0, 2 ** 31, 9), lines.slice(-1))
  deepEqual(await journal.history(0, '3fffffffffffffff'), lines.slice(-1))
  deepEqual(await journal.keys(0, keyNo(words.length), 9), ['3fffffffffffffff'])
  deepEqual((await journal.keys(0, '', 2)).slice(0, 1), ['0000000000000000'])
})

test('journal: load: what was never there is nothing, beside what is (J3)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const nobody = { shard: 1, key: keyNo(0xdead), kind: 'jar', cell: true, account: 'wallet:nobody' }
  const nothing = { snapshot: undefined, lines: [], account: undefined }
  deepEqual(await journal.load([nobody]), [{ want: nobody, ...nothing }])
  deepEqual(await journal.load([]), [])
  const line = lineWith(1, '{"id":"somebody"}')
  await journal.append({ fence: new Map([[0, epoch]]), lines: [line], checkpoints: [], piled: [] })
  const somebody = { ...nobody, shard: 0, key: line.key, account: undefined }
  const elsewhere = { ...somebody, shard: 1 }
  const onlyWallet = { ...somebody, cell: false, account: purse }
  const wants = [nobody, somebody, elsewhere, onlyWallet]
  deepEqual(await journal.load(wants), [
    { want: nobody, ...nothing },
    { want: somebody, ...nothing, lines: [line] },
    { want: elsewhere, ...nothing },
    { want: onlyWallet, ...nothing },
  ])
})

test('journal: snapshots of another version: left aside, and the lines tell it all (J3)', async () => {
  const url = await newDatabase()
  const journal = await journalAt(url)
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const later = new Map([...versions, ['jar', 2]])
  const memory = new MemoryJournal({ shards, versions: later })
  for (let shard = 0; shard < shards; shard++) memory.acquire(shard)
  for (const batch of batches(epoch, 40, 3)) {
    await journal.append(batch)
    memory.append(batch)
  }
  const next = await openJournal({ url, shards, versions: later })
  open.push(next)
  const images = await imagesOf(next, epoch)
  deepEqual(
    images.map(plain),
    images.map(image => plain(memory.recover(image.shard))),
  )
  ok(images.some(image => image.dormant.length > 0))
  ok(images.some(image => image.histories.length > 0))
  ok(images.every(image => image.cells.every(cell => cell.kind !== 'jar')))
})

test('journal: a write that fails: its checkpoint is not there either (J1)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const all = batches(epoch, 40)
  const failing = all.findIndex(batch => batch.checkpoints.length > 0 && batch.lines.length > 0)
  for (const batch of all.slice(0, failing)) await journal.append(batch)
  const before = (await imagesOf(journal, epoch)).map(plain)
  const batch = all[failing]!
  const again = { ...batch, lines: [...batch.lines, ...batch.lines] }
  await rejects(journal.append(again), isFault('journal.fenced', true))
  deepEqual((await imagesOf(journal, epoch)).map(plain), before)
  await journal.append(batch)
  const [{ shard, seq } = { shard: 0, seq: 0 }] = batch.checkpoints
  equal((await imagesOf(journal, epoch))[shard]!.seq, seq)
})

test('journal: the server ends all connections: reads and writes go on with new ones (P1)', async () => {
  const url = await newDatabase()
  const journal = await journalAt(url)
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const [first, second] = batches(epoch, 2)
  await journal.append(first!)
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  await other.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  )
  await other.end()
  // A connection that is found dead was not heard of before: the question may be asked again.
  for (let done = false; !done; ) {
    done = await journal.append(second!).then(
      () => true,
      (fault: unknown) => !(fault instanceof Fault && fault.code === 'journal.unavailable'),
    )
  }
  const written = (await journal.lines(0, 0, 99)).length + (await journal.lines(1, 0, 99)).length
  equal(written, first!.lines.length + second!.lines.length)
  // And it is known again that it lives.
  const next = await journalAt(url)
  while (await next.holderIsGone());
  equal(await journal.holds(), true)
})

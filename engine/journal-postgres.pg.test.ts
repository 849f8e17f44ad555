import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { testDatabase } from '../deploy/test-database.ts'
import { forget } from './actor.ts'
import { Fault } from './assert.ts'
import { type Batch, Host, usualLimits } from './host.ts'
import { floorOf, jar, keyNo, mint, purse, toJar, toMint } from './jar.fixture.ts'
import type { Journal } from './journal.ts'
import { openJournal } from './journal-postgres.ts'
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

test('journal: an error that was answered: nothing was written, and is said so (P1)', async () => {
  const journal = await journalAt(await newDatabase())
  const [{ epoch } = { epoch: 0 }] = await journal.acquire()
  const [first] = batches(epoch, 1)
  const lines = first!.lines.map(line => ({ ...line, hash: 'not a hash' }))
  await rejects(journal.append({ ...first!, lines }), isFault('journal.unavailable', true))
  await journal.append(first!)
})

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { type TestDatabase, testDatabase } from '../../deploy/testing/database.ts'
import { keyFrom, makeId } from '../../engine/ids.ts'
import { decode, encode, genesis, type Line } from '../../engine/record.ts'
import { query } from '../../sql/queries.ts'
import { wayTo } from '../../sql/silence.fixture.ts'
import { anyMoves, fullDay, linesOf, shards, type Told } from './lines.fixture.ts'
import { Projector } from './projector.ts'

const databases: TestDatabase[] = []
after(async () => {
  for (const one of databases) await one.drop()
})

type Way = { readonly url: string; readonly writeMsMax?: number }

type Stage = {
  readonly pool: pg.Pool
  /** A projector over these lines, which close with the test. */
  open(journal: readonly Told[], isOwner?: () => boolean, way?: Way): Promise<Scene>
  readonly tcpUrl: string
  tables(): Promise<Record<string, unknown[]>>
  empty(): Promise<void>
}
type Scene = {
  readonly projector: Projector
  readonly errors: unknown[]
  /** Where the journal was read: shard and position. */
  readonly reads: [shard: number, seq: number][]
  stop(): Promise<void>
}

async function stageOf(t: TestContext): Promise<Stage> {
  const database = await testDatabase()
  databases.push(database)
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  pool.on('error', () => {})
  t.after(() => pool.end())
  return {
    pool,
    tcpUrl: database.tcpUrl,
    async open(journal, isOwner = () => true, way = { url: database.url }) {
      const errors: unknown[] = []
      const reads: [number, number][] = []
      const projector = new Projector({
        ...{ ...way, shards, isOwner },
        source: {
          async lines(shard, seq, limit) {
            reads.push([shard, seq])
            const ofShard = journal.filter(({ line }) => line.shard === shard && line.seq > seq)
            return ofShard.slice(0, limit).map(({ line }) => line)
          },
          durable: shard => journal.filter(({ line }) => line.shard === shard).length,
        },
        onError: cause => errors.push(cause),
      })
      let stopped: Promise<void> | undefined
      const stop = () => {
        stopped ??= projector.stop()
        return stopped
      }
      t.after(stop)
      await projector.start()
      return { projector, errors, reads, stop }
    },
    async tables() {
      const found: Record<string, unknown[]> = {}
      for (const [table, key] of Object.entries(keys)) {
        found[table] = (await pool.query(`select * from ${table} order by ${key}`)).rows
      }
      return found
    },
    async empty() {
      await pool.query(query('project-reset').text)
    },
  }
}

const keys = {
  order_view: 'shard, id',
  order_watch: 'shard, id, n',
  mutation: 'shard, user_id, seq, leg',
  account_view: 'shard, id',
  projection: 'shard',
}

const feed = ({ projector }: Scene, told: readonly Told[]): void => {
  const piled = told.map(({ line, record }) => ({ outcome: { line, record, reply: {} } }))
  projector.feed({ piled } as never)
}

const longMs = 20_000
async function written({ projector }: Scene, told: readonly Told[]): Promise<void> {
  for (let shard = 0; shard < shards; shard++) {
    const seq = told.filter(({ line }) => line.shard === shard).length
    ok(await projector.reached(shard, seq, longMs))
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setImmediate(resolve))
}

/** Writes stand before this until it is let go of; `cut` ends the connection that waits there. */
async function barrier({ pool }: Stage) {
  const client = await pool.connect()
  await client.query('begin')
  await client.query('lock table projection in exclusive mode')
  const waiting = async (what: string) => {
    const { rows } = await pool.query(
      `select ${what} from pg_locks
        where not granted and relation = 'projection'::regclass
          and database = (select oid from pg_database where datname = current_database())`,
    )
    return rows.length > 0
  }
  return {
    reached: () => until(() => waiting('pid')),
    cut: () => until(() => waiting('pg_terminate_backend(pid)')),
    async open() {
      await client.query('commit')
      client.release()
    },
  }
}

test('projector: any lines, written in any portions: the tables are the same (F1, Y1)', async t => {
  const stage = await stageOf(t)
  const portions = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(anyMoves, portions, async (moves, sizes) => {
      const told = linesOf(moves)
      deepEqual(await portioned(stage, told, sizes), await portioned(stage, told, [told.length]))
    }),
    { numRuns: 10 },
  )
})

test('projector: line by line: the same as in one write, also words of others (F1, Y1)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  deepEqual(await portioned(stage, told, [1]), await portioned(stage, told, [told.length]))
})

/** What the tables hold after writes of so many lines each, over and over. */
async function portioned(stage: Stage, told: readonly Told[], sizes: readonly number[]) {
  await stage.empty()
  const scene = await stage.open([])
  await until(() => scene.projector.idle)
  for (let from = 0, turn = 0; from < told.length; turn++) {
    const to = from + sizes[turn % sizes.length]!
    feed(scene, told.slice(from, to))
    await written(scene, told.slice(0, to))
    from = to
  }
  deepEqual(scene.errors, [])
  await scene.stop()
  return await stage.tables()
}

test('projector: rebuild: the tables are folded again and are what they were (Y1)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  const scene = await stage.open(told)
  feed(scene, told)
  await written(scene, told)
  const before = await stage.tables()
  ok(before['order_view']!.length > 5)
  await stage.pool.query('update order_view set price = 1')
  await stage.pool.query('delete from mutation where seq > 3')
  await scene.projector.rebuild()
  await until(() => scene.projector.idle)
  deepEqual(await stage.tables(), before)
  equal(scene.projector.lag([{ index: 0, durableSeq: 1 }]), 0)
})

test('projector: start: it goes on where the tables stand, and hears what comes meanwhile (Y1)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  const past = told.slice(0, 12)
  const first = await stage.open(past)
  await written(first, past)
  await first.stop()

  const second = await stage.open(told)
  feed(second, told.slice(12))
  feed(second, told.slice(12, 15))
  await written(second, told)
  const seqs = [0, 1].map(shard => past.filter(({ line }) => line.shard === shard).length)
  for (const [shard, seq] of second.reads) ok(seq >= seqs[shard]!)
  const found = await stage.tables()
  await stage.empty()
  const whole = await stage.open(told)
  await written(whole, told)
  deepEqual(await stage.tables(), found)
})

test('projector: stop: what was gathered is written (Y1)', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  const scene = await stage.open([])
  await until(() => scene.projector.idle)
  feed(scene, told)
  await scene.stop()
  equal((await stage.tables())['projection']!.length, shards)
})

test('projector: a gap in what is handed over: read from the journal (Y1, Y2)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  const expected = await portioned(stage, told, [told.length])
  await stage.empty()
  const journal: Told[] = []
  const scene = await stage.open(journal)
  await until(() => scene.projector.idle)
  scene.reads.length = 0
  feed(scene, told.slice(0, 3))
  journal.push(...told)
  feed(scene, told.slice(5))
  await written(scene, told)
  ok(scene.reads.length > 0)
  deepEqual(await stage.tables(), expected)
})

/** Lines that change no row, so that a great many of them cost nothing. */
function emptyLines(count: number): Line[] {
  const id = makeId(1, 0, keyFrom(1, 1))
  const body = encode({
    ...{ kind: 'transfer', version: 1, id, born: false, at: 5, command: 'confirm' },
    ...{ events: [{ type: 'confirmed' }], entries: [], claims: [], releases: [] },
  })
  return Array.from({ length: count }, (_, index) => {
    return { shard: 0, seq: index + 1, key: keyFrom(1, 1), hash: genesis, body }
  })
}

test('projector: more than it may gather: let go, and read back when there is room (Y2)', async t => {
  const stage = await stageOf(t)
  const gatherMax = 60_000
  const told = emptyLines(gatherMax + 5_000).map(line => ({ line, record: decode(line.body) }))
  const journal: Told[] = []
  const slow = await stage.open(journal)
  await until(() => slow.projector.idle)
  const gate = await barrier(stage)
  journal.push(...told)
  feed(slow, told.slice(0, 1))
  await gate.reached()
  slow.reads.length = 0
  feed(slow, told.slice(1))
  equal(slow.projector.lag([{ index: 0, durableSeq: told.length }]), told.length)
  await gate.open()
  await written(slow, told)
  deepEqual(slow.reads[0], [0, gatherMax + 1])
  deepEqual((await stage.tables())['projection'], [
    { name: 'people', shard: 0, seq: String(told.length) },
  ])
})

test('projector: who waits: answered when the tables have it, and nobody else is (Y3)', async t => {
  // Without its beat nothing is written but what somebody hurries.
  t.mock.timers.enable({ apis: ['setInterval'] })
  const stage = await stageOf(t)
  const told = linesOf(fullDay).filter(({ line }) => line.shard === 1)
  const scene = await stage.open([])
  await until(() => scene.projector.idle)
  feed(scene, told.slice(0, 3))
  equal((await stage.tables())['projection']!.length, 0)
  ok(await scene.projector.reached(1, 3, longMs))
  deepEqual((await stage.tables())['projection'], [{ name: 'people', shard: 1, seq: '3' }])
  equal(await scene.projector.reached(1, 2, 0), true)
  equal(await scene.projector.reached(1, 4, 1), false)
  ok(scene.projector.ageMs(told[0]!.record.at + 5) === 0)
  feed(scene, told.slice(3, 4))
  equal(scene.projector.ageMs(told[3]!.record.at + 5), 5)
})

test('projector: connection lost in a write: done again, and nothing twice (Y4)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  const journal: Told[] = []
  const scene = await stage.open(journal)
  await until(() => scene.projector.idle)
  feed(scene, told.slice(0, 10))
  await written(scene, told.slice(0, 10))

  const gate = await barrier(stage)
  journal.push(...told)
  feed(scene, told.slice(10, 20))
  await gate.cut()
  feed(scene, told.slice(20))
  await gate.open()
  await written(scene, told)
  ok(scene.errors.length > 0)
  const found = await stage.tables()
  await scene.projector.rebuild()
  await until(() => scene.projector.idle)
  deepEqual(await stage.tables(), found)
})

test('projector: its machine is gone amid a write: the next one soon writes all of it (Y6)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  const way = await wayTo(stage.tcpUrl)
  t.after(() => way.close())
  const limits = { writeMsMax: 500 }
  let isThere = true
  const gone = await stage.open([], () => isThere, { url: way.url, ...limits })
  await until(() => gone.projector.idle)
  const gate = await barrier(stage)
  feed(gone, told)
  await gate.reached()
  way.mute()
  isThere = false
  await gate.open()
  const next = await stage.open(told, () => true, { url: stage.tcpUrl, ...limits })
  await written(next, told)
})

test('projector: its write was done and it was not told: it goes on from there (Y4)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  const late = await stage.open([])
  const journal: Told[] = []
  const other = await stage.open(journal)
  await until(() => late.projector.idle && other.projector.idle)
  feed(other, told.slice(0, 10))
  journal.push(...told)
  await written(other, told.slice(0, 10))
  const before = await stage.tables()
  // The same lines again, as a process would whose commit was never answered.
  feed(late, told.slice(0, 10))
  await written(late, told.slice(0, 10))
  equal(late.errors.length, 1)
  deepEqual(await stage.tables(), before)
})

test('projector: a former process writes late: the tables do not go back (Y1, Y4)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay).filter(({ line }) => line.shard === 0)
  const delivered = told.findIndex(({ record }) => record.command === 'report')
  ok(told[delivered]!.record.events.some(event => event.type === 'delivered'))
  const former = await stage.open([])
  await until(() => former.projector.idle)
  feed(former, told.slice(0, delivered))
  ok(await former.projector.reached(0, delivered, longMs))

  const next = await stage.open(told)
  ok(await next.projector.reached(0, told.length, longMs))
  const before = await stage.tables()
  // A delivery alone: no new order and no mutation that could collide.
  feed(former, told.slice(delivered, delivered + 1))
  ok(await former.projector.reached(0, delivered + 1, longMs))
  deepEqual(await stage.tables(), before)
})

test('projector: shards taken back: lines of another process are read, though none is handed over (Y5)', async t => {
  const stage = await stageOf(t)
  const told = linesOf(fullDay)
  const expected = await portioned(stage, told, [told.length])
  await stage.empty()
  let isOurs = true
  const journal = told.slice(0, 8)
  const first = await stage.open(journal, () => isOurs)
  await written(first, journal)
  isOurs = false
  await until(() => !first.projector.idle)

  // The other one ends before all of its lines are in the tables.
  const second = await stage.open(told.slice(0, 20))
  await written(second, told.slice(0, 20))
  await second.stop()
  journal.push(...told.slice(8))
  const before = await stage.tables()
  ok(!(await first.projector.reached(0, told.length, 200)))
  deepEqual(await stage.tables(), before)

  isOurs = true
  await until(() => first.projector.idle)
  await written(first, told)
  deepEqual(await stage.tables(), expected)
  deepEqual(first.errors, [])
})

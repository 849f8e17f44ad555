import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { forget } from './actor.ts'
import { Fault } from './assert.ts'
import { Engine, type EngineEvent, type EngineOptions, type Performer } from './engine.ts'
import { type Batch, type HostLimits, usualLimits } from './host.ts'
import { floorOf, idNo, jar, keyNo, mint, toJar, toMint } from './jar.fixture.ts'
import type { Journal, Lease } from './journal.ts'
import type { Errand } from './outbox.ts'
import { decode } from './record.ts'
import type { Envelope } from './shard.ts'
import { MemoryJournal } from './sim/memory-journal.ts'

const versions = new Map([
  ['jar', 1],
  ['mint', 1],
])

/** What several processes share: one journal, and who is named as its holder. */
class Office {
  readonly memory = new MemoryJournal({ shards: 2, versions })
  holder: Desk | null = null

  bodies(): string[] {
    return this.memory.lines(0).map(line => line.body)
  }

  commands(): string[] {
    return this.bodies().map(body => decode(body).command)
  }
}

type Step = (write: () => void) => void | Promise<void>

/** One process's way to the office. Its next appends, takeovers and looks may be told to differ. */
class Desk implements Journal {
  readonly appends: Step[] = []
  readonly acquires: Step[] = []
  readonly renewals: (() => Promise<void>)[] = []
  readonly looks: (() => void)[] = []
  readonly inquiries: (() => Promise<void>)[] = []
  readonly keyReads: (() => Promise<void>)[] = []
  keysRead = 0
  appended = 0
  isOpen = true
  isAway = false
  readonly #office: Office
  #last: Promise<void> = Promise.resolve()
  #unanswered = 0

  constructor(office: Office) {
    this.#office = office
  }

  async acquire(): Promise<readonly Lease[]> {
    let leases: Lease[] = []
    const take = () => {
      this.#office.holder = this
      leases = [0, 1].map(shard => ({ shard, epoch: this.#office.memory.acquire(shard) }))
    }
    await (this.acquires.shift() ?? (write => write()))(take)
    return leases
  }

  async renew(shards: readonly number[]): Promise<readonly Lease[]> {
    await this.renewals.shift()?.()
    if (this.#office.holder !== this) return []
    return shards.map(shard => ({ shard, epoch: this.#office.memory.acquire(shard) }))
  }

  async holds(): Promise<boolean> {
    await this.inquiries.shift()?.()
    return this.#office.holder === this
  }

  async holderIsGone(): Promise<boolean> {
    this.looks.shift()?.()
    const { holder } = this.#office
    // Its own name stands there when a takeover was done and its answer lost.
    return holder === null || holder === this || !holder.isOpen
  }

  async *recover(leases: readonly Lease[]) {
    for (const { shard } of leases) yield this.#office.memory.recover(shard)
  }

  async load(wants: Parameters<Journal['load']>[0]) {
    return this.#office.memory.load(wants)
  }

  /** One after the other, and none behind one that failed. */
  append(batch: Batch): Promise<void> {
    const frozen = MemoryJournal.freeze(batch)
    const step = this.appends.shift() ?? (write => write())
    const before = this.#last
    const turn = async () => {
      await before.catch(() => {
        throw new Fault('journal.unavailable', { untouched: true })
      })
      await step(() => this.#office.memory.append(frozen))
      this.appended++
    }
    const done = turn().finally(() => {
      if (--this.#unanswered === 0) this.#last = Promise.resolve()
    })
    this.#unanswered++
    this.#last = done
    return done
  }

  get underWay(): number {
    return this.#unanswered
  }

  async keys(shard: number, after: string, limit: number) {
    this.keysRead++
    await this.keyReads.shift()?.()
    return this.#office.memory.keys(shard, after, limit)
  }

  async history(shard: number, key: string) {
    if (this.isAway) throw new Error('connection refused')
    return this.#office.memory.lines(shard).filter(line => line.key === key)
  }

  async lines(shard: number, seq: number, limit: number) {
    return this.#office.memory.lines(shard).slice(seq, seq + limit)
  }

  async close(): Promise<void> {
    this.isOpen = false
  }
}

type Process = {
  readonly engine: Engine
  readonly desk: Desk
  readonly events: EngineEvent[]
  readonly errands: Errand[]
  readonly durable: string[]
}

type World = {
  readonly office: Office
  process(perform?: Performer, limits?: Partial<HostLimits>): Process
  /** Lets time and everything that is ready go on until this holds. */
  until(what: string, holds: () => boolean): Promise<void>
  /** Somebody sets the machine's clock, by so much. */
  set(ms: number): void
  /** The same while somebody waits for an answer. */
  settle<T>(work: Promise<T>): Promise<T>
}

/** A day on which time passes only when the test says so. */
function worldOf(t: TestContext): World {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const office = new Office()
  let clock = 1_000_000
  let watch = 0
  async function until(what: string, holds: () => boolean): Promise<void> {
    for (let turns = 0; !holds(); turns++) {
      ok(turns < 20_000, `in vain: ${what}`)
      clock += 5
      watch += 5
      t.mock.timers.tick(5)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return {
    office,
    until,
    set(by) {
      clock += by
    },
    async settle(work) {
      let over = false
      const note = () => {
        over = true
      }
      work.then(note, note)
      await until('an answer', () => over)
      return work
    },
    process(perform = async () => null, limits = {}) {
      const desk = new Desk(office)
      const events: EngineEvent[] = []
      const errands: Errand[] = []
      const durable: string[] = []
      const options: EngineOptions = {
        actors: [forget(jar), forget(mint)],
        floorOf,
        limitOf: () => 10,
        limits: { ...usualLimits, ...limits },
        journal: desk,
        now: () => clock,
        elapsed: () => watch,
        perform: errand => {
          errands.push(errand)
          return perform(errand)
        },
        onDurable: batch => durable.push(...batch.lines.map(line => line.body)),
        onEvent: event => events.push(event),
      }
      return { engine: new Engine(options), desk, events, errands, durable }
    },
  }
}

const fill = (n: number, ms = 1e9): Envelope => toJar(n, { type: 'fill', coins: 1, ms })
const isFault = (code: string, untouched: boolean) => (fault: unknown) => {
  ok(fault instanceof Fault, String(fault))
  deepEqual([fault.code, fault.untouched], [code, untouched])
  return true
}
const never: Performer = () => new Promise(() => {})

test('engine: another process took over: it writes nothing and turns questions away (N1)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const former = process()
  await former.engine.start()
  await settle(former.engine.ask(toMint(100)))

  const next = process()
  await next.engine.start()
  await rejects(settle(former.engine.ask(fill(1))), isFault('journal.fenced', true))
  await until('standing by', () => former.engine.state === 'standing_by')
  equal(former.engine.host.cells, 0)

  const written = former.desk.appended
  await rejects(former.engine.ask(fill(1)), isFault('journal.fenced', true))
  await rejects(former.engine.ask(toJar(1)), isFault('journal.fenced', true))
  former.engine.tell({ ...fill(1), cause: `${idNo(1)}/1/0` })
  await settle(next.engine.ask(fill(2)))
  deepEqual(office.commands(), ['pay', 'fill'])
  equal(former.desk.appended, written)
  deepEqual(former.errands, [])
  deepEqual(
    former.events.map(event => event.type),
    ['recovered', 'write_failed', 'standing_by'],
  )
})

test('engine: no traffic: it notices within a while that another process took over (N4)', async t => {
  const { process, settle, until } = worldOf(t)
  const former = process()
  await former.engine.start()
  await settle(former.engine.ask(toMint(100)))
  const written = former.desk.appended
  const next = process()
  await next.engine.start()
  await until('standing by', () => former.engine.state === 'standing_by')
  equal(former.desk.appended, written)
  equal(next.engine.state, 'serving')
})

test('engine: no traffic: a journal that does not answer is noticed, and when it does (N4)', async t => {
  const { process, settle, until } = worldOf(t)
  const { engine, desk } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  const away = async () => {
    throw new Error('connection refused')
  }
  desk.inquiries.push(away, away, away)
  await until('mending', () => engine.state === 'mending')
  await until('serving', () => engine.state === 'serving')
  equal(engine.host.lost().length, 0)
})

test('engine: a journal that hangs is seen to be silent while it does, and no longer (N6)', async t => {
  const { process, settle, until } = worldOf(t)
  const { engine, desk } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  let answer = () => {}
  const hang = () =>
    new Promise<void>(resolve => {
      answer = resolve
    })
  desk.inquiries.push(hang)
  await until('silent', () => engine.silentMs > 5_000)
  equal(engine.state, 'serving')
  answer()
  await until('heard', () => engine.silentMs < 1_000)

  desk.appends.push(async write => {
    await hang()
    write()
  })
  desk.inquiries.push(hang)
  const asked = engine.ask(fill(1))
  await until('a look that hangs too', () => engine.silentMs > 5_000)
  desk.inquiries.length = 0
  answer()
  await until('heard', () => engine.silentMs < 1_000)
  void asked.catch(() => {})
  equal(engine.state, 'serving')
})

test('engine: an older copy lies in place of the journal: refused for good, nothing written (N7)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const { engine, desk, events } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  const older = [0, 1].map(shard => structuredClone(office.memory.recover(shard)))
  await settle(engine.ask(fill(1)))
  const { length } = office.bodies()
  desk.appends.push(() => {
    throw new Fault('journal.fenced', { untouched: true })
  })
  desk.recover = async function* (leases) {
    for (const { shard, epoch } of leases) yield { ...older[shard]!, epoch }
  }
  await rejects(settle(engine.ask(fill(2))), isFault('journal.fenced', true))
  await until('the cut to be seen', () => engine.state === 'cut')
  const told = events.find(event => event.type === 'journal_cut')
  ok(told !== undefined && told.endsAt < told.endedAt)
  await rejects(settle(engine.ask(fill(3))), isFault('journal.unavailable', false))
  await until('a while', () => engine.silentMs > 5_000)
  deepEqual([engine.state, engine.host.cells, office.bodies().length], ['cut', 0, length])
  await settle(engine.stop())
})

test('engine: standing by: it serves again when the holder is gone, and not before (N1)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const former = process()
  await former.engine.start()
  const next = process()
  await next.engine.start()
  await rejects(settle(former.engine.ask(toMint(1))), isFault('journal.fenced', true))
  await settle(next.engine.ask(toMint(100)))
  await settle(next.engine.ask(fill(1)))

  let looks = 0
  former.desk.looks.push(
    () => void looks++,
    () => {
      looks++
      throw new Error('the database is away')
    },
    () => void looks++,
  )
  await until('three looks', () => looks === 3)
  equal(former.engine.state, 'standing_by')

  const stopped = next.engine.stop()
  await settle(stopped)
  // The first takeover is done in the journal, and its answer is lost.
  former.desk.acquires.push(write => {
    write()
    throw new Fault('journal.unavailable', { untouched: false })
  })
  await until('serving', () => former.engine.state === 'serving')
  const reply = await settle(former.engine.ask(toJar(1)))
  equal((reply.state as { phase: string }).phase, 'filled')
  await settle(former.engine.ask(toJar(1, { type: 'seal' })))
  deepEqual(office.commands(), ['pay', 'fill', 'seal'])
  // Nobody knows whether the lamp was lit before: it is told so.
  deepEqual(
    former.errands.map(errand => errand.resumed),
    [true],
  )
})

test('engine: a stop while it takes over: it leaves, and never serves again (N1, N2)', async t => {
  const { process, settle, until } = worldOf(t)
  const former = process()
  await former.engine.start()
  const next = process()
  await next.engine.start()
  await rejects(settle(former.engine.ask(toMint(1))), isFault('journal.fenced', true))
  await settle(next.engine.stop())

  const taking = Promise.withResolvers<void>()
  let asked = false
  former.desk.acquires.push(async write => {
    asked = true
    await taking.promise
    write()
  })
  await until('the takeover', () => asked)
  await settle(former.engine.stop())
  taking.resolve()
  await settle(taking.promise)
  await new Promise(resolve => setImmediate(resolve))
  equal(former.engine.state, 'stopped')
  await rejects(former.engine.ask(toMint(1)), isFault('engine.stopping', true))
})

test('engine: stop: what was decided is written, and nothing new is taken (N2)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const { engine, desk, durable } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  const slow = Promise.withResolvers<void>()
  desk.appends.push(async write => {
    await slow.promise
    write()
  })
  const first = engine.ask(fill(1))
  await until('the write', () => desk.appends.length === 0)
  const second = engine.ask(fill(2))
  const stopping = engine.stop()
  equal(engine.state, 'stopping')
  await rejects(engine.ask(fill(3)), isFault('engine.stopping', true))
  equal(desk.isOpen, true)
  slow.resolve()
  await settle(Promise.all([first, second, stopping]))
  deepEqual(office.commands(), ['pay', 'fill', 'fill'])
  deepEqual(durable, office.bodies())
  equal(engine.state, 'stopped')
  equal(desk.isOpen, false)
  await engine.stop()
})

test('engine: stop: every shard has a checkpoint, so that nothing is to be folded (N2)', async t => {
  const { office, process, settle } = worldOf(t)
  const { engine } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  await settle(engine.ask(fill(1)))
  equal(office.memory.recover(0).tail.length, 2)
  await settle(engine.stop())
  const { tail, seq, dormant } = office.memory.recover(0)
  deepEqual({ tail, seq }, { tail: [], seq: 2 })
  deepEqual(
    dormant.map(([key]) => key),
    [keyNo(1)],
  )
})

test('engine: stop: more actors than one write holds: written in slices, as far as time goes (N2)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const many = 4_200
  const isFolded = () => [0, 1].map(shard => office.memory.recover(shard).tail.length === 0)
  const busy = async () => {
    const { engine, desk } = process(undefined, { checkpointEvery: 10 * many })
    await engine.start()
    for (const shard of [0, 1]) {
      await settle(engine.ask({ ...toMint(many), shard }))
      const from = engine.host.open
      const asked = Array.from({ length: many }, (_, n) =>
        engine.ask({ ...fill(from + n, 1e12), shard }),
      )
      await settle(Promise.all(asked))
    }
    return { engine, desk }
  }

  const first = await busy()
  const written = first.desk.appended
  await settle(first.engine.stop())
  deepEqual([first.desk.appended - written, isFolded()], [2, [true, true]])

  const slow = await busy()
  let isOver = false
  slow.desk.appends.push(async write => {
    await new Promise(resolve => setTimeout(resolve, 5_000))
    isOver = true
    write()
  })
  const stopping = slow.engine.stop()
  await until('a slow slice', () => isOver)
  await settle(stopping)
  deepEqual(isFolded(), [true, false])
  const next = process()
  await next.engine.start()
  equal(next.engine.host.open, 4 * many)
})

test('engine: rest: what was accepted waits, owed, for the next process (N2)', async t => {
  const { process, settle, until } = worldOf(t)
  const { engine, errands } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  engine.rest()
  await settle(engine.ask(fill(1)))
  await settle(engine.stop())
  equal(errands.length, 0)
  const next = process()
  await next.engine.start()
  await until('the lamp', () => next.errands.length === 1)
})

test('engine: stop: effects under way may answer, and their answer is written (N2)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const answer = Promise.withResolvers<Envelope | null>()
  const { engine, errands } = process(() => answer.promise)
  await engine.start()
  await settle(engine.ask(toMint(100)))
  await settle(engine.ask(fill(1)))
  await until('the effect', () => errands.length === 1)
  const stopping = engine.stop()
  answer.resolve(toJar(1, { type: 'seal' }))
  await settle(stopping)
  const last = decode(office.bodies().at(-1)!)
  deepEqual([last.command, last.cause], ['seal', errands[0]!.id])
})

test('engine: stop: an effect that does not answer is owed, not waited for without end (N2)', async t => {
  const { office, process, settle } = worldOf(t)
  const { engine } = process(never)
  await engine.start()
  await settle(engine.ask(toMint(100)))
  await settle(engine.ask(fill(1)))
  await settle(engine.stop())
  deepEqual(
    office.memory.recover(0).cells.map(cell => cell.owed.length),
    [1],
  )
})

test('engine: stop while a shard is read again: whoever waits is answered (N2)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const { engine, desk } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  const renewal = Promise.withResolvers<void>()
  desk.renewals.push(() => renewal.promise)
  desk.appends.push(() => {
    throw new Fault('journal.unavailable', { untouched: true })
  })
  const lost = engine.ask(fill(1))
  await rejects(settle(lost), isFault('journal.unavailable', true))
  equal(engine.state, 'mending')
  await rejects(engine.ask(fill(2)), isFault('shard.stopped', true))
  const neighbour = engine.ask({ ...toMint(7), shard: 1 })
  await settle(engine.stop())
  equal('accepted' in (await settle(neighbour)), true)
  deepEqual(office.memory.recover(1).tail, [])
  equal(engine.state, 'stopped')
  renewal.resolve()
  await until('nothing more', () => true)
  equal(engine.state, 'stopped')
})

test('engine: performer that breaks down: called again later, as one that may have begun (N3)', async t => {
  const { office, process, settle, until } = worldOf(t)
  let calls = 0
  const { engine, errands, events } = process(async () => {
    if (++calls === 1) throw new Error('broken lamp')
    return toJar(1, { type: 'seal' })
  })
  await engine.start()
  await settle(engine.ask(toMint(100)))
  await settle(engine.ask(fill(1)))
  await until('the second call', () => calls === 2)
  deepEqual(
    errands.map(({ id, resumed }) => [id, resumed]),
    [
      [errands[0]!.id, false],
      [errands[0]!.id, true],
    ],
  )
  const failure = events.find(event => event.type === 'performer_failed')
  equal(String(failure?.cause), 'Error: broken lamp')
  await until('the answer', () => office.commands().includes('seal'))
  equal(decode(office.bodies().at(-1)!).cause, errands[0]!.id)
  deepEqual(engine.host.outbox.lanes(), [{ target: 'lamp', waiting: 0, inFlight: 0, limit: 10 }])
})

test('engine: performer that breaks down at once: nothing else is disturbed (N3)', async t => {
  const { process, settle, until } = worldOf(t)
  let calls = 0
  const { engine } = process(() => {
    if (++calls === 1) throw new Error('nobody performs this')
    return Promise.resolve(null)
  })
  await engine.start()
  await settle(engine.ask(toMint(100)))
  await settle(engine.ask(fill(1)))
  await settle(engine.ask(fill(2)))
  await until('all calls', () => calls === 3)
  equal(engine.host.outbox.inFlight, 0)
})

test('engine: performer that breaks down, shard lost meanwhile: its new owner calls it (N1, N3)', async t => {
  const { process, settle, until } = worldOf(t)
  const former = process(async () => {
    throw new Error('broken lamp')
  })
  await former.engine.start()
  await settle(former.engine.ask(toMint(100)))
  await settle(former.engine.ask(fill(1)))
  await until('the failure', () => former.events.some(event => event.type === 'performer_failed'))
  const next = process(never)
  await next.engine.start()
  await rejects(settle(former.engine.ask(fill(2))), isFault('journal.fenced', true))
  await until('the call', () => next.errands.length === 1)
  equal(next.errands[0]!.resumed, true)
  const inFlight = () => former.engine.host.outbox.inFlight
  await until('the second call that is not made', () => inFlight() === 0)
  equal(former.errands.length, 1)
  equal(former.engine.host.outbox.waiting, 0, 'nor made when it owns the shard again')
})

test('engine: a doubtful write: nobody is told that it failed, and a repeat tells (N1)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const { engine, desk, events } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  desk.appends.push(write => {
    write()
    throw new Error('connection reset')
  })
  const renewal = Promise.withResolvers<void>()
  desk.renewals.push(() => renewal.promise)
  await rejects(settle(engine.ask(fill(1))), isFault('journal.unavailable', false))
  equal(engine.state, 'mending')
  await rejects(settle(engine.ask(fill(1))), isFault('shard.stopped', true))
  renewal.resolve()
  await until('serving', () => engine.state === 'serving')
  const again = await settle(engine.ask(fill(1)))
  equal('refused' in again && again.refused, 'jar.full')
  deepEqual(office.commands(), ['pay', 'fill'])
  deepEqual(
    events.map(event => event.type),
    ['recovered', 'write_failed'],
  )
})

test('engine: a write fails under load: mended though writes of others never cease (N5)', async t => {
  const { process, settle, until } = worldOf(t)
  const { engine, desk } = process()
  await engine.start()
  await settle(engine.ask(toMint(1)))
  const fails: Step = () => {
    throw new Error('connection reset')
  }
  let isOver = false
  /** So many that they go behind a flush under way (N9). */
  const others = () => {
    for (let n = 0; n < 32; n++) engine.tell({ ...toMint(1), shard: 1 })
  }
  /** The next one is on its way before this one is answered. */
  const endless: Step = async write => {
    if (!isOver) {
      desk.appends.push(endless)
      others()
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    write()
  }
  const renewal = Promise.withResolvers<void>()
  desk.renewals.push(() => renewal.promise)
  desk.appends.push(fails, endless, endless)
  await rejects(settle(engine.ask(toMint(1))), isFault('journal.unavailable', false))
  const asking = setInterval(others, 5)
  await until('two under way', () => desk.underWay === 2)
  desk.renewals.push(() => Promise.resolve())
  renewal.reject(new Error('connection refused'))
  await until('serving', () => engine.state === 'serving')
  equal(desk.underWay, 2)
  isOver = true
  clearInterval(asking)
  await settle(engine.ask(toMint(1)))
})

test('engine: a write that failed: its event says in JSON what of (N1)', async t => {
  const { process, settle } = worldOf(t)
  const { engine, desk, events } = process()
  await engine.start()
  desk.appends.push(() => {
    throw new Error('no space left on device')
  })
  await rejects(settle(engine.ask(toMint(1))), isFault('journal.unavailable', false))
  const told = events.find(({ type }) => type === 'write_failed')
  deepEqual(JSON.parse(JSON.stringify(told)).fault, {
    ...{ name: 'Fault', code: 'journal.unavailable', untouched: false },
    cause: 'Error: no space left on device',
  })
})

test('engine: a doubtful write that lands late: the new epoch keeps it out (N1)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const { engine, desk } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  let land = () => {}
  desk.appends.push(write => {
    land = write
    throw new Error('connection reset')
  })
  await rejects(settle(engine.ask(fill(1))), isFault('journal.unavailable', false))
  await until('serving', () => engine.state === 'serving')
  let refusal: unknown
  try {
    land()
  } catch (cause) {
    refusal = cause
  }
  isFault('journal.fenced', true)(refusal)
  await settle(engine.ask(fill(2)))
  deepEqual(office.commands(), ['pay', 'fill'])
})

test('engine: a violation: said aloud, nothing of it written, its shard read again (N1)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const { engine, events } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  await rejects(settle(engine.ask(toJar(1, { type: 'smash' }))), isFault('shard.stopped', true))
  await until('serving', () => engine.state === 'serving')
  ok(events.some(event => event.type === 'violation' && event.what.includes('Violation')))
  await settle(engine.ask(fill(2)))
  deepEqual(office.commands(), ['pay', 'fill'])
})

test('engine: timers: a deadline rings by itself, also one that passed while nobody was there (N2)', async t => {
  const { office, process, settle, until } = worldOf(t)
  const first = process()
  await first.engine.start()
  await settle(first.engine.ask(toMint(100)))
  await settle(first.engine.ask(fill(1, 500)))
  await settle(first.engine.ask(fill(2, 50_000)))
  await until('the deadline', () => office.commands().includes('spill'))
  await settle(first.engine.stop())
  const spills = () => office.commands().filter(command => command === 'spill').length
  let turns = 0
  await until('a long night', () => ++turns > 11_000)
  equal(spills(), 1)
  const second = process()
  await second.engine.start()
  await until('the other deadline', () => spills() === 2)
})

test('engine: timers: the clock is set back: a deadline rings after twice its time at the latest (EC2)', async t => {
  const { office, process, settle, until, set } = worldOf(t)
  const first = process()
  await first.engine.start()
  await settle(first.engine.ask(toMint(100)))
  set(3_600_000)
  await settle(first.engine.ask(fill(1, 1_000)))
  set(-3_600_000)
  await settle(first.engine.ask(fill(2, 1_000)))
  let waited = 0
  const rung = (times: number) => () =>
    office.commands().filter(command => command === 'spill').length === times ||
    ++waited > 2_200 / 5
  await until('both', rung(2))
  deepEqual(office.commands().slice(-2), ['spill', 'spill'])

  // Who reads it back goes on from there as well, whatever its own clock shows.
  await settle(first.engine.ask(fill(3, 1_000)))
  await settle(first.engine.stop())
  const second = process()
  await second.engine.start()
  equal(Math.round(second.engine.clock.behindMs / 60_000), 60)
  waited = 0
  await until('the third', rung(3))
  equal(office.commands().at(-1), 'spill')
})

test('engine: timers: alarms of who is long gone are cleared away, though nobody rings (H7)', async t => {
  const { process, settle, until } = worldOf(t)
  const { engine } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  await settle(engine.ask(fill(1, 86_400_000)))
  const { wheel } = engine.host
  for (let n = 0; n < 100_010; n++) wheel.arm(0, keyNo(9), 86_400_000)
  await until('a smaller wheel', () => engine.host.wheel.size < 10)
  equal(engine.host.wheel.size, 1)
})

test('engine: history and lines: what the journal has, read beside the actors (N2)', async t => {
  const { office, process, settle } = worldOf(t)
  const { engine } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  await settle(engine.ask(fill(1)))
  deepEqual(
    (await engine.history(0, keyNo(1))).map(line => line.body),
    office.bodies().slice(1),
  )
  deepEqual(
    (await engine.lines(0, 1, 9)).map(line => line.seq),
    [2],
  )
})

test('engine: history: a journal that is away is a fault, and so is an engine that stops (N2)', async t => {
  const { process, settle } = worldOf(t)
  const { engine, desk } = process()
  await engine.start()
  await settle(engine.ask(toMint(100)))
  desk.isAway = true
  await rejects(engine.history(0, keyNo(1)), isFault('journal.unavailable', true))
  await engine.stop()
  await rejects(engine.history(0, keyNo(1)), isFault('engine.stopping', true))
})

const refuse = async (): Promise<void> => {
  throw new Error('connection refused')
}

/** A process that finds a checkpoint of the first shard, and so keys that it has not read. */
async function afterOne({ process, settle }: World): Promise<Process> {
  const { engine } = process()
  await settle(engine.start())
  await settle(engine.ask(toMint(100)))
  await settle(engine.ask(fill(1)))
  await settle(engine.stop())
  return process()
}

test('engine: older keys: a read that fails is made again until all are known (N8)', async t => {
  const world = worldOf(t)
  const { engine, desk } = await afterOne(world)
  desk.keyReads.push(refuse, refuse, refuse)
  await world.settle(engine.start())
  const { host } = engine
  equal(host.unlearned().length, 1)
  equal(host.shard(0)?.known.mayHave(keyNo(7)), true, 'nothing is denied')
  await world.until('all keys are known', () => host.unlearned().length === 0)
  equal(desk.keysRead, 4, 'three in vain')
  deepEqual(
    [1, 7].map(n => host.shard(0)?.known.mayHave(keyNo(n))),
    [true, false],
  )
  equal(engine.state, 'serving')
})

test('engine: older keys: of a shard that was read again meanwhile, asked for anew (N8)', async t => {
  const world = worldOf(t)
  const { engine, desk } = await afterOne(world)
  let answer = () => {}
  desk.keyReads.push(() => new Promise(resolve => (answer = resolve)))
  await world.settle(engine.start())
  desk.appends.push(refuse)
  const { epoch } = engine.host.shard(0)!
  await rejects(world.settle(engine.ask(fill(2))))
  const isMended = () => engine.state === 'serving' && engine.host.shard(0)?.epoch !== epoch
  await world.until('it is mended', isMended)
  equal(engine.host.unlearned().length, 1)
  answer()
  await world.until('all keys are known', () => engine.host.unlearned().length === 0)
  equal(desk.keysRead, 2)
})

test('engine: older keys: a journal that stays away keeps no stop waiting (N2, N8)', async t => {
  const world = worldOf(t)
  const { engine, desk } = await afterOne(world)
  desk.keyReads.push(...Array.from({ length: 1_000 }, () => refuse))
  await world.settle(engine.start())
  await world.until('it tries', () => desk.keysRead > 2)
  await world.settle(engine.stop())
  const { keysRead } = desk
  let turns = 0
  await world.until('some time', () => turns++ > 500)
  equal(desk.keysRead, keysRead)
})

test('engine: a flush under way: a handful waits for it, a load goes behind it (N9)', async t => {
  const { process, settle, until } = worldOf(t)
  const { engine, desk } = process()
  await engine.start()
  await settle(engine.ask(toMint(1_000)))
  for (const [many, behind] of [
    [31, 0],
    [32, 1],
  ] as const) {
    let isOver = false
    desk.appends.push(async write => {
      await until('the end of a slow flush', () => isOver)
      write()
    })
    const first = engine.ask(fill(many * 100))
    await until('a flush under way', () => desk.underWay === 1)
    const asked = Array.from({ length: many }, (_, n) => engine.ask(fill(many * 100 + n + 1)))
    for (let turns = 0; turns < 20; turns++) await new Promise(resolve => setImmediate(resolve))
    deepEqual([desk.underWay, engine.host.decided], [1 + behind, behind === 1 ? 0 : many])
    const flushes = engine.flushes.count
    isOver = true
    await Promise.all([first, ...asked])
    equal(engine.flushes.count, flushes + 2)
  }
})

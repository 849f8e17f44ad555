/**
 * A whole deployment in one thread: real hosts with real shards, a journal, processes that die or
 * are fenced between any two steps, a network that loses, repeats and reorders, and clients that
 * ask again until they are answered. Time is a number that jumps.
 *
 *   asker ──letter──▶ host ─▶ turn ─▶ pile ─▶ batch ─▶ journal ─▶ gate ──letter──▶ asker
 *                      ▲                                          └─errand──▶ outside
 *                      └─────────────────answer─────────────────────────────────┘
 *
 * Every arrow is a step of its own, taken in an order that the dice choose; a crash may fall before
 * and after each. Durable is the journal alone. Faults stop after `chaosSteps`.
 *
 * V1. A yes, once told, is never taken back.
 * V2. Nothing is told that is not in the journal.
 * V3. An effect reaches the outside only when its record is in the journal.
 * V4. Of a question that was turned away as untouched, nothing comes.
 * V5. Nothing that lives is ever without an owner.
 * V6. Checkpoint and tail, all lines from zero, and the living memory agree.
 * V7. When faults stop, the world comes to rest.
 * V8. The same seed tells the same story.
 */

import { hash } from 'node:crypto'
import type { AnyActor } from '../actor.ts'
import { assert, Fault } from '../assert.ts'
import { type Batch, Host, type HostLimits, type Want } from '../host.ts'
import type { Key, Millis } from '../ids.ts'
import type { FloorOf } from '../ledger.ts'
import type { Errand } from '../outbox.ts'
import type { JournalRecord, Line } from '../record.ts'
import type { Envelope, Reply, Shard } from '../shard.ts'
import { Auditor } from './auditor.ts'
import { MemoryJournal } from './memory-journal.ts'
import { Pipe } from './pipe.ts'
import { Prng } from './prng.ts'
import { checkLiving, checkTwoRoads } from './roads.ts'

/** Whoever is outside: carries out errands, watches what becomes durable, comes back at rest. */
export type Outside = {
  readonly actors: readonly AnyActor[]
  readonly floorOf: FloorOf
  begin(world: World): void
  /** `soon` does something later, if the process lives, and says whether the errand is still its own. */
  perform(
    errand: Errand,
    world: World,
    answer: (envelope: Envelope | null) => void,
    soon: (ms: Millis, run: (isOurs: boolean) => void) => void,
  ): void
  onRecord(record: JournalRecord, line: Line): void
  /** Whether the question of this label has left its trace in the journal. */
  hasHappened(label: string): boolean
  /** Nothing moves any more. True when somebody outside found something to do after all. */
  atRest(world: World): boolean
}

type WorldOptions = {
  readonly seed: number
  readonly outside: Outside
  readonly shards?: number
  readonly chaosSteps?: number
  /** Planted mistakes, for the canaries. */
  readonly plant?: Plant
}

/** Where a canary may break the world's own machinery. */
export type Plant = {
  /** Alters a batch as it is handed to the journal. */
  readonly batch?: (batch: Batch) => Batch
  readonly journal?: (journal: MemoryJournal) => void
  readonly host?: (host: Host) => void
  /** Reads a lost shard back without raising its epoch. */
  readonly keepsEpoch?: boolean
  /** Hands the outcome out before the journal has it. */
  readonly opensEarly?: boolean
  /** Says that nothing happened, whatever did. */
  readonly saysUntouched?: boolean
  readonly dropsAnswers?: boolean
}

type Task = { readonly at: Millis; readonly life: Process | null; readonly run: () => void }

type Process = {
  readonly host: Host
  readonly epochs: Map<number, number>
  alive: boolean
  /** Sent to the journal and not yet heard of, in order. */
  readonly inFlight: Batch[]
  readonly pipe: Pipe
  readonly adopting: Set<number>
  /** Shards whose older keys are being read. */
  readonly learning: Set<Shard>
}

/** What becomes of one question, over all of its deliveries. */
type Question = {
  readonly label: string
  readonly envelope: Envelope
  readonly hear: (reply: Reply) => void
  readonly isPromise: boolean
  answered: boolean
}

/** All that has been told under one label. */
type Told = { yes: boolean; open: number; tainted: boolean }

/** Alarms are grouped, and a timer that changed nothing is looked at again only a while later. */
const alarmSlackMs = 240_000
const start: Millis = 1_760_000_000_000

export class World {
  readonly prng: Prng
  readonly journal: MemoryJournal
  readonly auditor: Auditor
  readonly shards: number
  readonly counts = {
    steps: 0,
    crashes: 0,
    takeovers: 0,
    failures: 0,
    recoveries: 0,
    roads: 0,
    sleeps: 0,
    wakes: 0,
  }
  now: Millis = start
  readonly #options: WorldOptions
  readonly #outside: Outside
  readonly #odds: Odds
  readonly #limits: HostLimits
  readonly #tasks: Task[] = []
  readonly #told = new Map<string, Told>()
  readonly #unanswered = new Set<Question>()
  #processes: Process[] = []
  #chaos = true

  constructor(options: WorldOptions) {
    this.#options = options
    this.#outside = options.outside
    this.shards = options.shards ?? 4
    this.prng = new Prng(options.seed)
    this.#odds = drawOdds(this.prng)
    this.#limits = drawLimits(this.prng)
    this.auditor = new Auditor(this.shards, this.#outside.floorOf)
    this.journal = new MemoryJournal({
      shards: this.shards,
      versions: new Map(this.#outside.actors.map(actor => [actor.name, actor.version])),
      onLine: line => this.#onLine(line),
    })
    options.plant?.journal?.(this.journal)
  }

  /** Tells the whole story; throws a violation when something in it is not as it must be. */
  run(): this {
    this.#spawn(range(this.shards))
    this.#outside.begin(this)
    const [least, most] = this.isLong ? [400, 1_500] : [60, 400]
    const chaosSteps = this.#options.chaosSteps ?? this.prng.between(least, most)
    for (let step = 0; step < chaosSteps; step++) this.#step()
    this.#chaos = false
    do this.#settle()
    while (this.#outside.atRest(this))
    this.#checkAtRest()
    return this
  }

  /** One word for the whole story. */
  hash(): string {
    const ends = range(this.shards).map(shard => this.journal.hash(shard))
    return hash('sha256', ends.join(' '), 'hex').slice(0, 16)
  }

  // -- what the outside may use --------------------------------------------------------------

  /**
   * Asks over the network until there is an answer; `hear` may be called more than once. A yes is a
   * promise, unless it is about the moment at which it was asked.
   */
  ask(
    envelope: Envelope,
    label: string,
    hear: (reply: Reply) => void,
    { isPromise = true } = {},
  ): void {
    const question: Question = { label, envelope, hear, isPromise, answered: false }
    this.#unanswered.add(question)
    this.#post(question, this.#delay())
    if (this.#rolls(this.#odds.repeat)) this.#post(question, this.#delay())
  }

  /** Does it some time later, whatever happens to any process. */
  later(delayMs: Millis, run: () => void): void {
    this.#tasks.push({ at: this.now + delayMs, life: null, run })
  }

  /** The same at some moment within so long. */
  within(msMax: Millis, run: () => void): void {
    this.later(this.prng.below(msMax), run)
  }

  /** Nobody's clock is behind. */
  get isPunctual(): boolean {
    return this.#odds.skew === 0
  }

  /** Every tenth story is a long one. */
  get isLong(): boolean {
    return this.#options.seed % 10 === 0
  }

  /** Whether a question of this label may have left a trace. */
  mayHaveHappened(label: string): boolean {
    const told = this.#told.get(label)
    return told !== undefined && (told.open > 0 || told.tainted)
  }

  // -- steps ---------------------------------------------------------------------------------

  #step(): void {
    this.counts.steps++
    const { prng } = this
    const odds = this.#odds
    if (prng.chance(odds.crash)) this.#crash(prng.pick(this.#processes))
    if (prng.chance(odds.takeover)) this.#takeOver()
    if (prng.chance(odds.stall)) this.now += prng.pick([1_000, 30_000, 400_000, 4_000_000])
    if (prng.chance(odds.look)) this.#look()
    if (prng.chance(odds.task) && this.#runTask()) return
    if (this.#pump(prng.pick(this.#processes))) return
    if (!this.#runTask()) this.#jump()
  }

  /** Faults are over: everybody does their work until nobody has any. */
  #settle(): void {
    for (let step = 0; step < 20_000; step++) {
      this.counts.steps++
      this.#ensureOwners()
      let moved = false
      for (const process of this.#processes) while (this.#pump(process)) moved = true
      if (this.#runTask()) continue
      if (!moved && !this.#jump()) return
    }
    assert(false, 'V7: the world comes to rest')
  }

  /** One thing that this process does next; false when it has nothing to do. */
  #pump(process: Process): boolean {
    const { host } = process
    if (!process.alive) return false
    const now = this.#clock()
    const first = this.#chaos ? this.prng.below(6) : 0
    for (let turn = 0; turn < 6; turn++) {
      switch ((first + turn) % 6) {
        case 0:
          if (this.#write(process, now)) return true
          break
        case 1: {
          const wants = host.wants()
          if (wants === null) break
          this.#read(process, wants)
          return true
        }
        case 2: {
          if (host.outbox.waiting === 0) break
          let started = false
          host.outbox.drain(errand => {
            started = true
            this.#carry(process, errand)
          })
          if (started) return true
          break
        }
        case 3:
          if (host.wheel.next() > now) break
          host.fire(now, this.#odds.bells)
          this.#checkOwners(process)
          return true
        case 4:
          if (this.#mend(process)) return true
          break
        case 5:
          if (this.#learn(process)) return true
          break
      }
    }
    return false
  }

  #runTask(): boolean {
    const tasks = this.#tasks
    let ready = 0
    let chosen = -1
    for (let i = 0; i < tasks.length; i++) {
      // Any of those that are due, each with the same chance.
      if (tasks[i]!.at <= this.now && this.prng.below(++ready) === 0) chosen = i
    }
    if (chosen < 0) return false
    const task = tasks[chosen]!
    tasks[chosen] = tasks.at(-1)!
    tasks.pop()
    if (task.life === null || task.life.alive) {
      task.run()
      if (task.life !== null) this.#checkOwners(task.life)
    }
    return true
  }

  /** Time is free: to the next thing that anybody waits for. False when nobody waits. */
  #jump(): boolean {
    let next = Number.POSITIVE_INFINITY
    for (const task of this.#tasks) if (task.at < next) next = task.at
    for (const { alive, host } of this.#processes) {
      if (alive) next = Math.min(next, host.wheel.next())
    }
    if (!this.#chaos) this.#checkAlarms(next)
    if (!Number.isFinite(next)) return false
    if (next > this.now) this.now = next
    return true
  }

  /** The clock that processes read: sometimes it goes back a little. */
  #clock(): Millis {
    return this.#rolls(this.#odds.skew) ? this.now - this.prng.below(90_000) : this.now
  }

  #rolls(probability: number): boolean {
    return this.#chaos && this.prng.chance(probability)
  }

  #delay(): Millis {
    return this.#chaos ? this.prng.below(this.#odds.delayMs) : 0
  }

  #soon(life: Process | null, run: () => void, atLeastMs: Millis = 0): void {
    this.#tasks.push({ at: this.now + this.#delay() + atLeastMs, life, run })
  }

  // -- questions and answers -----------------------------------------------------------------

  #post(question: Question, delayMs: Millis): void {
    const run = () => this.#deliver(question)
    this.#tasks.push({ at: this.now + delayMs, life: null, run })
  }

  #deliver(question: Question): void {
    const { envelope, label } = question
    // The asker looks again later in any case, and lets it be when there is an answer.
    if (!question.answered) this.#post(question, 5_000)
    else if (!this.#rolls(this.#odds.repeat)) return
    if (this.#rolls(this.#odds.lose)) return
    const process = this.#ownerOf(envelope.shard)
    if (process === undefined) return
    const told = this.#toldUnder(label)
    told.open++
    // A no may still be under way when a later question gets its yes; not the other way round.
    const promised = question.isPromise && told.yes
    process.host.receive(envelope, this.#clock(), reply => {
      assert(!promised || !('refused' in reply), `V1: ${label}: a yes is not taken back`)
      this.#hear(question, told, reply)
    })
    this.#checkOwners(process)
  }

  #hear(question: Question, told: Told, reply: Reply | Fault): void {
    told.open--
    if (reply instanceof Fault) {
      if (!reply.untouched) told.tainted = true
      const clean = told.open > 0 || told.tainted || !this.#outside.hasHappened(question.label)
      assert(clean, 'V4: what was turned away as untouched is not in the journal')
      return
    }
    told.tainted = true
    const { envelope } = question
    if ('accepted' in reply) {
      const durable = this.journal.seq(envelope.shard)
      assert(reply.seq <= durable, 'V2: what is told is in the journal')
      told.yes = true
    }
    if (this.#rolls(this.#odds.lose)) return
    question.answered = true
    this.#unanswered.delete(question)
    question.hear(reply)
  }

  #toldUnder(label: string): Told {
    let told = this.#told.get(label)
    if (told === undefined) {
      told = { yes: false, open: 0, tainted: false }
      this.#told.set(label, told)
    }
    return told
  }

  /** Somebody who believes to own the shard; at a split brain that may be either. */
  #ownerOf(shard: number): Process | undefined {
    const owners = this.#processes.filter(({ alive, host }) => alive && host.owns(shard))
    return owners.length === 0 ? this.#processes[0] : this.prng.pick(owners)
  }

  // -- the journal ---------------------------------------------------------------------------

  #write(process: Process, now: Millis): boolean {
    const drained = process.host.drain(now)
    if (drained === null) return false
    process.inFlight.push(drained)
    process.pipe.send(drained)
    if (this.#options.plant?.opensEarly)
      this.#soon(process, () => this.#heard(process, drained, null))
    return true
  }

  #heard(process: Process, batch: Batch, fault: Fault | null): void {
    // Out of turn only when somebody planted an answer before its time.
    if (process.inFlight[0] !== batch) return
    process.inFlight.shift()
    const { host } = process
    if (fault !== null) {
      this.counts.failures++
      host.failed(batch, fault)
      return
    }
    const before = host.stats.passivated
    // What gathered meanwhile may be on its way before anybody is told, as in the engine.
    if (this.prng.chance(0.5)) {
      host.landed(batch)
      this.#write(process, this.#clock())
    }
    host.written(batch, this.#clock())
    this.counts.sleeps += host.stats.passivated - before
  }

  #pipe(life: () => Process): Pipe {
    const { plant } = this.#options
    const freeze = (batch: Batch) => MemoryJournal.freeze(plant?.batch?.(batch) ?? batch)
    return new Pipe({
      prng: this.prng,
      soon: run => this.#soon(life(), run),
      later: (ms, run) => this.later(ms, run),
      refuses: () => this.#rolls(this.#odds.refuse),
      breaks: () => this.#rolls(this.#odds.vanish),
      append: batch => this.journal.append(freeze(batch)),
      hear: (batch, fault) => this.#heard(life(), batch, fault),
      untouched: plant?.saysUntouched ?? false,
    })
  }

  #read(process: Process, wants: readonly Want[]): void {
    this.#soon(process, () => {
      if (this.#rolls(this.#odds.refuse)) {
        process.host.notFound(wants, this.#clock())
        return
      }
      const found = this.journal.load(wants)
      for (const { snapshot, lines } of found) if (snapshot || lines.length > 0) this.counts.wakes++
      const slowly = this.#rolls(this.#odds.slowRead) ? this.prng.pick([5_000, 60_000]) : 0
      this.#soon(process, () => process.host.found(found, this.#clock()), slowly)
    })
  }

  /** Older keys of a recovered shard come in pieces, while it serves already. */
  #learn(process: Process): boolean {
    const { host, learning } = process
    const shard = host.unlearned().find(one => !learning.has(one))
    if (shard === undefined) return false
    learning.add(shard)
    const limit = this.prng.pick([1, 3, 100])
    const more = (after: Key): void =>
      this.#soon(process, () => {
        const keys = this.journal.keys(shard.index, after, limit)
        this.#soon(process, () => {
          const done = keys.length < limit
          host.learnKeys(shard.index, shard.epoch, keys, done)
          if (!done) more(keys.at(-1)!)
        })
      })
    more('')
    return true
  }

  // -- effects -------------------------------------------------------------------------------

  #carry(process: Process, errand: Errand): void {
    this.#soon(process, () => {
      const [id, seq] = errand.id.split('/')
      const line = this.journal.lines(errand.shard)[Number(seq) - 1]
      assert(line?.body.includes(id!) === true, 'V3: an effect is told when its record is durable')
      let answers = 0
      const answer = (envelope: Envelope | null): void => {
        assert(answers++ === 0, 'an errand comes back once')
        this.#soon(process, () => {
          process.host.outbox.done(errand.effect.target)
          if (envelope === null || this.#options.plant?.dropsAnswers) return
          process.host.receive({ ...envelope, cause: errand.id }, this.#clock())
        })
      }
      const { shard } = errand
      this.#outside.perform(errand, this, answer, (ms, run) => {
        this.#soon(process, () => run(this.#holds(process, shard)), ms)
      })
    })
  }

  #holds({ epochs }: Process, shard: number): boolean {
    return epochs.get(shard) === this.journal.epoch(shard)
  }

  // -- processes come and go -----------------------------------------------------------------

  #spawn(shards: readonly number[]): Process {
    const host = new Host({
      actors: this.#outside.actors,
      floorOf: this.#outside.floorOf,
      limitOf: () => this.#odds.laneLimit,
      limits: this.#limits,
    })
    this.#options.plant?.host?.(host)
    const process: Process = {
      host,
      epochs: new Map(),
      alive: true,
      inFlight: [],
      pipe: this.#pipe(() => process),
      adopting: new Set(),
      learning: new Set(),
    }
    this.#processes.push(process)
    for (const shard of shards) this.#acquire(process, shard)
    return process
  }

  /** Takes the lease, then reads, then serves: each a step of its own. */
  #acquire(process: Process, shard: number): void {
    const held = process.epochs.get(shard)
    const keeps = this.#options.plant?.keepsEpoch && held === this.journal.epoch(shard)
    const epoch = keeps ? held! : this.journal.acquire(shard)
    process.epochs.set(shard, epoch)
    process.adopting.add(shard)
    this.#soon(process, () => {
      if (process.epochs.get(shard) !== epoch) return
      const image = { ...this.journal.recover(shard), epoch }
      this.counts.recoveries++
      this.#soon(process, () => {
        if (process.epochs.get(shard) !== epoch) return
        process.adopting.delete(shard)
        process.host.adopt(image, this.#clock())
      })
    })
  }

  /** Lost shards are read again by whoever still holds their lease, and given up otherwise. */
  #mend(process: Process): boolean {
    for (const shard of process.host.lost()) {
      if (process.adopting.has(shard)) continue
      if (process.epochs.get(shard) === this.journal.epoch(shard)) this.#acquire(process, shard)
      else {
        process.host.release([shard])
        process.epochs.delete(shard)
      }
      return true
    }
    return false
  }

  /** Memory is gone, and whatever the process was about to do. The network and the journal stay. */
  #crash(process: Process): void {
    this.counts.crashes++
    process.alive = false
    this.#processes = this.#processes.filter(one => one !== process)
    const held = [...process.epochs].filter(([shard, epoch]) => this.journal.epoch(shard) === epoch)
    const shards = held.map(([shard]) => shard)
    if (this.#processes.length === 0) this.#spawn(shards)
    else for (const shard of shards) this.#acquire(this.prng.pick(this.#processes), shard)
  }

  /** Another process takes shards away from one that does not know it yet. */
  #takeOver(): void {
    this.counts.takeovers++
    const shards = range(this.shards).filter(() => this.prng.chance(0.6))
    if (this.#processes.length < 2) {
      this.#spawn(shards)
      return
    }
    const taker = this.prng.pick(this.#processes)
    for (const shard of shards) {
      if (taker.epochs.get(shard) === this.journal.epoch(shard)) continue
      if (taker.host.owns(shard)) taker.host.release([shard])
      this.#acquire(taker, shard)
    }
  }

  #ensureOwners(): void {
    for (let shard = 0; shard < this.shards; shard++) {
      const epoch = this.journal.epoch(shard)
      if (this.#processes.some(one => one.alive && one.epochs.get(shard) === epoch)) continue
      this.#acquire(this.#processes[0]!, shard)
    }
  }

  // -- checks --------------------------------------------------------------------------------

  #onLine(line: Line): void {
    this.#outside.onRecord(this.auditor.read(line), line)
  }

  #checkOwners(process: Process): void {
    assert(process.host.stats.violations === 0, `a violation: ${process.host.lastViolation}`)
    assert(process.host.ownerless === 0, 'V5: nothing that lives is without an owner')
  }

  /** Everybody is idle until `next`: then nobody's time comes long before that. */
  #checkAlarms(next: Millis): void {
    for (const { alive, host, epochs } of this.#processes) {
      if (!alive || host.waiting > 0) continue
      for (const shard of host.shards()) {
        if (epochs.get(shard.index) !== this.journal.epoch(shard.index)) continue
        for (const cell of shard.cells.values()) this.#checkAlarm(cell.wakeAt(), next)
        for (const wakeAt of shard.dormant.values()) this.#checkAlarm(wakeAt ?? Infinity, next)
      }
    }
  }

  #checkAlarm(wakeAt: Millis, next: Millis): void {
    const isInTime = wakeAt === Infinity || wakeAt > next - alarmSlackMs
    assert(isInTime, 'V5: whoever waits for a time is woken at that time')
  }

  /** At a random moment: sums, and whether the journal can be read back in more than one way. */
  #look(): void {
    this.counts.roads++
    this.auditor.checkSums()
    this.#checkRoads(this.prng.below(this.shards))
  }

  #checkRoads(shard: number): Shard {
    const { actors, floorOf } = this.#outside
    const world = { journal: this.journal, actors, floorOf }
    const replayed = checkTwoRoads(world, shard)
    for (const { alive, host, inFlight } of this.#processes) {
      const living = host.shard(shard)
      if (!alive || living === undefined || inFlight.length > 0) continue
      // An older life of it may still be in memory where the next one is about to be adopted.
      const isOurs = living.epoch === this.journal.epoch(shard)
      if (isOurs && living.seq === replayed.seq) checkLiving(living, replayed)
    }
    return replayed
  }

  #checkAtRest(): void {
    assert(this.#unanswered.size === 0, 'V7: at rest, everyone has an answer')
    this.auditor.checkSums()
    for (let shard = 0; shard < this.shards; shard++) {
      for (const { owed } of this.#checkRoads(shard).cells.values()) {
        assert(owed.length === 0, 'V7: at rest, every effect is answered')
      }
    }
    for (const { alive, host } of this.#processes) {
      if (!alive) continue
      assert(host.waiting === 0, 'V7: at rest, nothing waits')
      assert(host.outbox.waiting + host.outbox.inFlight === 0, 'V7: at rest, nothing is under way')
    }
  }
}

/** Swarm: every seed favours other faults, so that rare combinations get their turn. */
function drawOdds(prng: Prng) {
  const some = (share: number, most: number) => (prng.chance(share) ? prng.float() * most : 0)
  return {
    crash: some(0.7, 0.06),
    takeover: some(0.4, 0.04),
    refuse: some(0.5, 0.3),
    vanish: some(0.5, 0.3),
    repeat: some(0.7, 0.6),
    lose: some(0.6, 0.4),
    skew: some(0.4, 0.5),
    stall: some(0.5, 0.05),
    slowRead: some(0.3, 0.6),
    look: 0.01,
    task: 0.2 + prng.float() * 0.6,
    delayMs: prng.pick([1, 50, 2_000, 60_000]),
    bells: prng.pick([1, 3, 1_000]),
    laneLimit: prng.pick([1, 2, 100]),
  }
}
type Odds = ReturnType<typeof drawOdds>

/** Tiny limits, so that sleep, wake and checkpoint happen all the time. */
const drawLimits = (prng: Prng): HostLimits => ({
  waitingMax: prng.pick([3, 50_000]),
  openMax: 100_000,
  cellsMax: prng.pick([1, 3, 1_000]),
  finalsMax: prng.pick([1, 3, 1_000]),
  checkpointEvery: prng.pick([1, 2, 5, 1_000]),
  idleMs: prng.pick([1, 1_000, 60_000]),
})

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/**
 * Everything that must change together: one virtual shard with its actors, accounts and claims,
 * worked one turn at a time. A turn is synchronous. It either changes nothing or leaves one sealed
 * line behind, and memory is ahead of the journal only by lines that are on their way there.
 *
 *   envelope ──turn──▶ decide ──▶ record ──▶ accounts, claims, cell ──▶ line (for the flush)
 *                         └─────▶ refusal (waits at the gate as well)
 *
 * T1. An actor and the accounts it touches change in the same line.
 * T2. Lines are numbered without gaps; each is sealed with the hash of the one before.
 * T3. Time within a shard never runs backwards, whatever the clock does.
 * T4. Replaying the lines gives the same cells, accounts and claims as living through them.
 * T5. A claim has one holder until it is released or over.
 * T6. Ownerless means: not final, no timer, no effect owed, and no person asked to look.
 * T7. A house account with nothing on it leaves memory with the idle, and is opened again at zero:
 *     there may be one per day, and days do not end.
 * T8. Who lasts and is idle is kept like the living, and is not counted among them.
 * T9. Whoever asks under a kind that the actor is not finds nobody, and changes nothing: ids of all
 *     kinds look alike, and anybody may write one.
 * T10. The living are counted by kind, wherever they are: asleep or awake makes no difference.
 */

import type { AnyActor, AnyCommand, Context, State } from './actor.ts'
import { assert } from './assert.ts'
import { Cell, type CellImage, type Owed } from './cell.ts'
import { type ActorId, type Key, keyOf, type Millis, makeId } from './ids.ts'
import { KnownKeys } from './known-keys.ts'
import {
  Account,
  type AccountId,
  type Balances,
  type Entry,
  execute,
  type FloorOf,
} from './ledger.ts'
import type { Rupiah } from './money.ts'
import {
  decode,
  type EffectId,
  encode,
  genesis,
  type JournalRecord,
  type Line,
  seal,
} from './record.ts'

/** A command on its way to one actor. */
export type Envelope = {
  readonly shard: number
  readonly key: Key
  readonly kind: string
  /** Absent: nothing is asked but the state, as it will be durable. */
  readonly command?: AnyCommand
  /** The wallet that this is about, when the actor is not born yet. */
  readonly owner?: AccountId
  /** The effect that this command answers. */
  readonly cause?: EffectId
}

export type Reply =
  | {
      readonly accepted: true
      /** False when the command changed nothing: a repeat, or a read. */
      readonly changed: boolean
      readonly id: ActorId
      readonly state: State
      readonly seq: number
      readonly available: Rupiah | undefined
      readonly balances: Balances | undefined
    }
  | {
      readonly refused: string
      readonly details: unknown
      readonly id: ActorId
      readonly state: State
    }

export type Outcome = {
  readonly reply: Reply
  readonly line: Line | null
  readonly record: JournalRecord | null
  readonly owed: readonly Owed[]
}

export type AccountImage = {
  readonly id: AccountId
  readonly seq: number
  readonly balances: Balances
}

/** All that a shard must write so that recovery need not look behind `seq`. */
export type CheckpointImage = {
  readonly shard: number
  readonly seq: number
  readonly hash: string
  readonly claims: readonly (readonly [word: string, until: Millis, holder: Key])[]
  readonly cells: readonly (CellImage & { readonly wakeAt: Millis | null })[]
  readonly gone: readonly Key[]
  readonly accounts: readonly (AccountImage & { readonly house: boolean })[]
}

/** What recovery reads: the newest checkpoint, and all lines after it. */
export type ShardImage = {
  readonly shard: number
  readonly epoch: number
  readonly seq: number
  readonly hash: string
  /** Time of line `seq`: recovery must not set the shard's clock back. */
  readonly at: Millis
  readonly claims: CheckpointImage['claims']
  /** House accounts; wallets come when somebody needs them. */
  readonly accounts: readonly AccountImage[]
  /** Living actors that sleep: only their alarm is needed until they are called. */
  readonly dormant: readonly (readonly [Key, wakeAt: Millis | null, kind: string])[]
  /** Snapshots that are needed at once: they owe effects, or the tail goes on with them. */
  readonly cells: readonly CellImage[]
  /** Full histories up to `seq` of actors without snapshot that the tail goes on with. */
  readonly histories: readonly Line[]
  readonly tail: readonly Line[]
}

const noOwed: readonly Owed[] = []

export class Shard {
  readonly index: number
  readonly epoch: number
  readonly cells = new Map<Key, Cell>()
  /** Living actors that were put to sleep; their alarm stays in the wheel. */
  readonly dormant = new Map<Key, Millis | null>()
  readonly accounts = new Map<AccountId, Account>()
  /** Every key that this shard ever used, once it is complete. */
  readonly known = new KnownKeys()
  seq: number
  hash: string
  /** Up to here the journal has it. */
  durableSeq: number
  checkpointSeq: number
  checkpointAt: Millis = 0
  ownerless = 0
  /** Living actors in memory (dormant ones come on top). */
  live = 0
  /** Actors that a checkpoint would have to write now. */
  unsaved = 0
  /** Of the living, awake or asleep, those who wait for nothing. */
  readonly #idle = new Set<Key>()
  /** Living actors by their kind, in memory or asleep. */
  readonly #living = new Map<string, number>()
  readonly #kinds: ReadonlyMap<string, AnyActor>
  readonly #floorOf: FloorOf
  readonly #claims = new Map<string, { until: Millis; holder: Key }>()
  readonly #context: TurnContext
  #at: Millis = 0
  #recovering = true

  constructor(
    image: ShardImage,
    kinds: ReadonlyMap<string, AnyActor>,
    floorOf: FloorOf,
    now: Millis,
  ) {
    this.index = image.shard
    this.epoch = image.epoch
    this.seq = image.seq
    this.hash = image.hash
    this.#at = image.at
    this.checkpointSeq = image.seq
    this.checkpointAt = now
    this.#kinds = kinds
    this.#floorOf = floorOf
    this.#context = new TurnContext(this)
    for (const [word, until, holder] of image.claims) this.#claims.set(word, { until, holder })
    for (const account of image.accounts) this.keepAccount(account)
    for (const [key, wakeAt, kind] of image.dormant) {
      this.dormant.set(key, wakeAt)
      if (wakeAt === null && this.#kinds.get(kind)?.lasts) this.#idle.add(key)
    }
    for (const cell of image.cells) this.keepCell(cell)
    for (const line of image.histories) this.#remember(line)
    for (const line of image.tail) this.#replay(line)
    this.durableSeq = this.seq
    this.#recovering = false
    // Without a checkpoint the tail is all there is; else older keys come from the journal.
    this.known.complete = image.seq === 0
    for (const cell of this.cells.values()) {
      cell.lean()
      this.#count(cell)
      if (cell.live) this.#countKind(cell.actor.name, 1)
    }
    for (const [key, , kind] of image.dormant) {
      if (this.dormant.has(key)) this.#countKind(kind, 1)
    }
  }

  get open(): number {
    return this.live + this.dormant.size - this.#idle.size
  }

  /** Of one kind, those that are not final, whoever has something to do for them. */
  livingOf(kind: string): number {
    return this.#living.get(kind) ?? 0
  }

  // -- what is in memory ---------------------------------------------------------------------

  keepCell(image: CellImage): Cell {
    const cell = Cell.from(this.#actor(image.kind), image)
    cell.idle = this.#idle.has(image.key)
    this.cells.set(image.key, cell)
    this.dormant.delete(image.key)
    return cell
  }

  /** What was read is newer than all that was written from here: the shard is somebody else's. */
  isBehind(read: {
    readonly want: { readonly key: Key }
    readonly snapshot: CellImage | undefined
    readonly lines: readonly Line[]
    readonly account: AccountImage | undefined
  }): boolean {
    const { want, snapshot, lines, account } = read
    const knowsCell = this.cells.has(want.key)
    const cellSeq = knowsCell ? 0 : (lines.at(-1)?.seq ?? snapshot?.seq ?? 0)
    const knowsAccount = account === undefined || this.accounts.has(account.id)
    return cellSeq > this.durableSeq || (!knowsAccount && account.seq > this.durableSeq)
  }

  /** A cell read from its own records, or born empty when there are none. */
  wake(kind: string, key: Key, snapshot: CellImage | undefined, lines: readonly Line[]): Cell {
    const known = this.cells.get(key)
    if (known) return known
    const records = lines.map(line => decode(line.body))
    const cell = snapshot
      ? this.keepCell(snapshot)
      : new Cell(this.#actor(records[0]?.kind ?? kind), key)
    cell.idle = this.#idle.has(key)
    this.cells.set(key, cell)
    records.forEach((record, index) => {
      cell.replay(record, lines[index]!.seq)
    })
    cell.lean()
    this.dormant.delete(key)
    this.#count(cell)
    return cell
  }

  keepAccount(image: AccountImage): Account {
    const known = this.accounts.get(image.id)
    if (known) return known
    const account = new Account(image.id, this.#floorOf(image.id), image.balances)
    account.seq = image.seq
    this.accounts.set(image.id, account)
    return account
  }

  /** The account; a house account that was never used is opened at zero. */
  account(id: AccountId): Account {
    const known = this.accounts.get(id)
    if (known) return known
    assert(this.#floorOf(id) === undefined, 'T1: a wallet is in memory before a turn touches it')
    return this.keepAccount({ id, seq: 0, balances: [0, 0, 0] })
  }

  /** True when this actor was surely never born: there is nothing to read about it. */
  isNew(key: Key): boolean {
    return !this.known.mayHave(key)
  }

  isHouse(id: AccountId): boolean {
    return this.#floorOf(id) === undefined
  }

  /** Time of the last line: the clock of this shard never stands before it. */
  get at(): Millis {
    return this.#at
  }

  /** Every claim that is remembered, also one that is over. */
  *claimed(): Iterable<readonly [word: string, until: Millis]> {
    for (const [word, { until }] of this.#claims) yield [word, until]
  }

  holder(word: string, now: Millis): Key | undefined {
    const claim = this.#claims.get(word)
    return claim !== undefined && claim.until > now ? claim.holder : undefined
  }

  // -- a turn --------------------------------------------------------------------------------

  /** One command in one actor. The cell and its wallet are in memory. */
  turn(envelope: Envelope, now: Millis): Outcome {
    const { command } = envelope
    const cell = this.#cellFor(envelope)
    if (cell.actor.name !== envelope.kind) return this.#unknown(envelope)
    cell.touchedAt = now
    if (command === undefined) return this.#unchanged(cell, envelope)

    const at = now > this.#at ? now : this.#at
    const id = cell.id === '' ? makeId(at, this.index, cell.key) : cell.id
    const decide = cell.actor.decide[command.type]
    assert(decide !== undefined, 'T1: every command has a row')
    const decision = decide(cell.state, command, this.#context.for(cell, id, at))

    if ('refused' in decision) {
      const { refused, details } = decision
      return {
        reply: { refused, details, id, state: cell.state },
        line: null,
        record: null,
        owed: noOwed,
      }
    }
    const settles = envelope.cause !== undefined && cell.owes(envelope.cause)
    if (decision.accepted.length === 0 && !decision.postings && !settles) {
      return this.#unchanged(cell, envelope)
    }
    const entries = (decision.postings ?? []).map(posting => execute(this, cell.holds, posting))
    if (entries.length > 0) cell.holds = cell.holds.slice()
    const owner = cell.owner ?? envelope.owner
    return this.#commit(cell, envelope, {
      kind: cell.actor.name,
      version: cell.actor.version,
      id,
      owner,
      born: cell.seq === 0,
      at,
      command: command.type,
      cause: settles ? envelope.cause : undefined,
      events: decision.accepted,
      entries,
      claims: decision.claims ?? [],
      releases: decision.releases ?? [],
    })
  }

  /** Releases the holds whose time is over; null when there are none. */
  expire(key: Key, now: Millis): Outcome | null {
    const cell = this.cells.get(key)
    const over = cell?.holds.filter(hold => hold.expiresAt !== undefined && hold.expiresAt <= now)
    if (cell === undefined || over === undefined || over.length === 0) return null
    const at = now > this.#at ? now : this.#at
    const entries = over.map(({ name }) => execute(this, cell.holds, { op: 'expire', name }))
    return this.#commit(
      cell,
      { shard: this.index, key, kind: cell.actor.name },
      {
        kind: cell.actor.name,
        version: cell.actor.version,
        id: cell.id,
        owner: cell.owner,
        born: false,
        at,
        command: 'expire',
        events: [],
        entries,
        claims: [],
        releases: [],
      },
    )
  }

  #commit(cell: Cell, envelope: Envelope, record: JournalRecord): Outcome {
    const seq = this.seq + 1
    const body = encode(record)
    const hash = seal(this.hash, this.index, seq, body)
    const owed = cell.fold(record, seq)
    this.#after(cell, record, seq, hash)
    const line: Line = { shard: this.index, seq, key: cell.key, hash, body }
    return { reply: this.#accepted(cell, envelope, true), line, record, owed }
  }

  #unchanged(cell: Cell, envelope: Envelope): Outcome {
    const reply = this.#accepted(cell, envelope, false)
    return { reply, line: null, record: null, owed: noOwed }
  }

  /** Whoever asks for another kind than the actor is finds what he would find under a free key. */
  #unknown(envelope: Envelope): Outcome {
    const cell = new Cell(this.#actor(envelope.kind), envelope.key)
    if (envelope.command === undefined) return this.#unchanged(cell, envelope)
    const { id, state } = cell
    const reply = { refused: 'NOT_FOUND', details: undefined, id, state }
    return { reply, line: null, record: null, owed: noOwed }
  }

  #accepted(cell: Cell, envelope: Envelope, changed: boolean): Reply {
    const owner = cell.owner ?? envelope.owner
    const wallet = owner === undefined ? undefined : this.accounts.get(owner)
    return {
      accepted: true,
      changed,
      id: cell.id,
      state: cell.state,
      seq: this.seq,
      available: wallet?.available,
      balances: wallet?.balances(),
    }
  }

  // -- replay --------------------------------------------------------------------------------

  /** A line of the tail: checked, then everything that a live turn would have done. */
  #replay(line: Line): void {
    assert(line.seq === this.seq + 1, `T2: shard ${this.index} has a gap after ${this.seq}`)
    const hash = seal(this.hash, this.index, line.seq, line.body)
    assert(hash === line.hash, `R1: shard ${this.index} line ${line.seq} is not what was written`)
    const record = decode(line.body)
    const cell = this.#cellFor({ shard: this.index, key: keyOf(record.id), kind: record.kind })
    for (const entry of record.entries) this.#settleAccounts(entry)
    cell.replay(record, line.seq)
    this.#after(cell, record, line.seq, line.hash)
  }

  /** A line from behind the checkpoint: only its own actor has to remember it. */
  #remember(line: Line): void {
    const record = decode(line.body)
    const cell = this.#cellFor({ shard: this.index, key: keyOf(record.id), kind: record.kind })
    if (this.dormant.delete(cell.key)) cell.snapshotted = true
    cell.replay(record, line.seq)
  }

  #settleAccounts(entry: Entry): void {
    const [, , debit, credit, , debitAfter, creditAfter] = entry
    this.#setAccount(debit, debitAfter)
    this.#setAccount(credit, creditAfter)
  }

  #setAccount(id: AccountId, balances: Balances): void {
    const account = this.keepAccount({ id, seq: 0, balances })
    account.balance = balances[0]
    account.debitsPending = balances[1]
    account.creditsPending = balances[2]
  }

  /** What a line means to the shard beyond its own cell; the same live and on replay. */
  #after(cell: Cell, record: JournalRecord, seq: number, hash: string): void {
    this.seq = seq
    this.hash = hash
    this.#at = record.at
    for (const entry of record.entries) {
      this.#touch(entry[2], seq, record.at)
      this.#touch(entry[3], seq, record.at)
    }
    for (const word of record.releases) {
      if (this.#claims.get(word)?.holder === cell.key) this.#claims.delete(word)
    }
    for (const [word, until] of record.claims) {
      const holder = this.holder(word, record.at)
      assert(holder === undefined || holder === cell.key, 'T5: a claim has one holder')
      this.#claims.set(word, { until, holder: cell.key })
    }
    if (record.born) this.known.add(cell.key)
    cell.touchedAt = record.at
    if (!cell.dirty) this.unsaved++
    cell.dirty = true
    if (this.#recovering) return
    const wasLive = cell.live
    this.#count(cell)
    if (cell.live !== wasLive) this.#countKind(cell.actor.name, cell.live ? 1 : -1)
  }

  #countKind(kind: string, change: number): void {
    this.#living.set(kind, this.livingOf(kind) + change)
  }

  #touch(id: AccountId, seq: number, at: Millis): void {
    const account = this.accounts.get(id)!
    account.seq = seq
    account.touchedAt = at
    account.dirty = true
  }

  #cellFor(envelope: Envelope): Cell {
    const known = this.cells.get(envelope.key)
    // One that was only looked for is nobody yet: it becomes what is placed there.
    if (known && (known.seq > 0 || known.actor.name === envelope.kind)) return known
    const cell = new Cell(this.#actor(envelope.kind), envelope.key)
    this.cells.set(envelope.key, cell)
    return cell
  }

  #actor(kind: string): AnyActor {
    const definition = this.#kinds.get(kind)
    assert(definition !== undefined, `T1: the kind ${kind} is known`)
    return definition
  }

  /** Keeps the two counters that operators watch: living, and living without an owner. */
  #count(cell: Cell): void {
    const rest = cell.seq === 0 ? 'final' : cell.rest
    const live = rest !== 'final'
    if (live !== cell.live) {
      cell.live = live
      this.live += live ? 1 : -1
    }
    const idle = rest === 'idle'
    if (idle !== cell.idle) {
      assert(!idle || cell.actor.lasts === true, 'T8: only who lasts may be idle')
      cell.idle = idle
      if (idle) this.#idle.add(cell.key)
      else this.#idle.delete(cell.key)
    }
    const ownerless =
      rest === 'machine' && cell.owed.length === 0 && cell.wakeAt() === Number.POSITIVE_INFINITY
    if (ownerless !== cell.ownerless) {
      cell.ownerless = ownerless
      this.ownerless += ownerless ? 1 : -1
    }
  }

  // -- checkpoint and sleep ------------------------------------------------------------------

  /** Taken between turns, written in the same write as all lines up to `seq`. */
  checkpoint(now: Millis): CheckpointImage {
    const cells: (CellImage & { wakeAt: Millis | null })[] = []
    const gone: Key[] = []
    for (const cell of this.cells.values()) {
      if (!cell.dirty) continue
      cell.dirty = false
      // One that still owes an effect is kept, however final: nobody else would remember to do it.
      if (cell.rest === 'final' && cell.owed.length === 0) {
        if (cell.snapshotted) gone.push(cell.key)
        cell.snapshotted = false
      } else {
        const wakeAt = cell.wakeAt()
        cells.push({ ...cell.image(), wakeAt: Number.isFinite(wakeAt) ? wakeAt : null })
        cell.snapshotted = true
      }
    }
    this.unsaved = 0
    const accounts: (AccountImage & { house: boolean })[] = []
    for (const account of this.accounts.values()) {
      if (!account.dirty) continue
      account.dirty = false
      const { id, seq } = account
      accounts.push({ id, seq, balances: account.balances(), house: account.floor === undefined })
    }
    const claims: [string, Millis, Key][] = []
    for (const [word, { until, holder }] of this.#claims) {
      // By the shard's own time: the wall clock may be ahead of it, and go back.
      if (until <= this.#at) this.#claims.delete(word)
      else claims.push([word, until, holder])
    }
    this.checkpointSeq = this.seq
    this.checkpointAt = now
    return { shard: this.index, seq: this.seq, hash: this.hash, claims, cells, gone, accounts }
  }

  /**
   * Forgets a final actor before any checkpoint: the journal has it whole. One with a snapshot
   * waits for the checkpoint that takes the snapshot away.
   */
  forget(cell: Cell): boolean {
    const mayGo =
      this.cells.get(cell.key) === cell &&
      !cell.live &&
      !cell.snapshotted &&
      cell.owed.length === 0 &&
      cell.seq <= this.durableSeq
    if (!mayGo) return false
    this.cells.delete(cell.key)
    if (cell.dirty) this.unsaved--
    return true
  }

  /**
   * Lets go of what has been idle since `before` and is covered by a durable checkpoint. Final
   * actors are simply forgotten (the journal knows them); living ones sleep with their alarm set.
   */
  passivate(before: Millis, mayGo: (cell: Cell) => boolean): number {
    let count = 0
    for (const cell of this.cells.values()) {
      if (cell.dirty || cell.touchedAt > before || cell.owed.length > 0 || cell.ownerless) continue
      if (cell.seq > this.durableSeq || !mayGo(cell)) continue
      this.cells.delete(cell.key)
      count++
      if (!cell.live) continue
      this.live--
      const wakeAt = cell.wakeAt()
      this.dormant.set(cell.key, Number.isFinite(wakeAt) ? wakeAt : null)
    }
    for (const account of this.accounts.values()) {
      if (account.dirty || account.touchedAt > before) continue
      if (account.seq > this.durableSeq) continue
      if (account.floor === undefined && !account.isEmpty) continue
      this.accounts.delete(account.id)
    }
    return count
  }
}

/** One object for all turns of a shard: a turn allocates nothing for its context. */
class TurnContext implements Context {
  now: Millis = 0
  id: ActorId = ''
  readonly #shard: Shard
  #cell: Cell | undefined

  constructor(shard: Shard) {
    this.#shard = shard
  }

  for(cell: Cell, id: ActorId, now: Millis): Context {
    this.#cell = cell
    this.id = id
    this.now = now
    return this
  }

  available(account: AccountId): Rupiah {
    return this.#shard.account(account).available
  }

  held(name: string): Rupiah | undefined {
    return this.#cell?.holds.find(hold => hold.name === name)?.amount
  }

  holder(claim: string): Key | undefined {
    return this.#shard.holder(claim, this.now)
  }
}

/** A shard that nothing has happened in yet. */
export const emptyShard = (shard: number, epoch: number): ShardImage => ({
  shard,
  epoch,
  seq: 0,
  hash: genesis,
  at: 0,
  claims: [],
  accounts: [],
  dormant: [],
  cells: [],
  histories: [],
  tail: [],
})

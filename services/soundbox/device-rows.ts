/**
 * From journal lines to what is known of soundboxes: cards in memory and in `device_view`, and the
 * proofs of what was spoken. Fresh lines come by hand from the engine; whoever fell behind (a
 * start, a crash, a time of standing by) reads the journal.
 *
 *   engine ──durable lines──▶ a box's? ──▶ card, proof ──pile──▶ tables, then position
 *   journal ──when behind───▶   └─ its state is asked of the engine
 *
 * What gathers is bounded by the boxes there are; above a bound fresh lines are let go, and read.
 *
 * DVE1. A position is written after all rows before it, and rows say the same however often they
 *       are written: what a crash cuts off is read again.
 * DVE2. A fresh card is in memory before anybody hears that what is on it is durable.
 * DVE3. After a time in which somebody else wrote, nothing here is current until it was read back.
 * DVE5. A card that says what its row says is not written again: most messages are queued and
 *       acknowledged between two writes, and leave their box as it was.
 * DVE6. Rows that can't be written are a trouble of the system's health until they are.
 */

import { device } from '../../actors/device/device.ts'
import type { Device, DeviceEvent } from '../../actors/device/device-contract.ts'
import type { Batch } from '../../engine/host.ts'
import { keyOf, type Millis, shardOf } from '../../engine/ids.ts'
import { decode, type JournalRecord, type Line } from '../../engine/record.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  deviceCards,
  devicePositions,
  saveCards,
  saveDevicePositions,
  saveProofs,
} from '../../sql/device.ts'
import type { HealthPart } from '../contract/live.ts'
import { type Card, cardOf, type Devices } from './devices.ts'
import type { Proofs } from './proofs.ts'

export type DeviceRowsDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly devices: Devices
  readonly proofs: Proofs
  readonly isOwner: () => boolean
  readonly now: () => Millis
  readonly ask: (envelope: Envelope) => Promise<Reply>
  readonly lines: (shard: number, seq: number, limit: number) => Promise<readonly Line[]>
  /** Everything that became durable of one box, in order. */
  readonly onChange: (id: string, seq: number, state: Device['state']) => void
  readonly onError: (cause: unknown) => void
}

const beatMs = 250
const saveMs = 1_000
const pileMax = 50_000
const readAtOnce = 2_000
const cardsAtOnce = 2_000
/** All of a card but the line that it is of. */
const parts = [
  ...([
    'status',
    'reason',
    'waiting',
    'since',
    'model',
    'credential',
    'binding',
    'config',
  ] as const),
  ...(['digest', 'summary', 'orders'] as const),
] satisfies readonly (keyof Card)[]
const firstId = '00000000-0000-0000-0000-000000000000'

export class DeviceRows {
  readonly #deps: DeviceRowsDeps
  readonly #taken: number[]
  readonly #heard: number[]
  readonly #saved: number[]
  readonly #behind = new Set<number>()
  #pile = new Map<string, { readonly card: Card; readonly at: Millis }>()
  /** What the rows say, as far as this process knows. */
  readonly #rows = new Map<string, Card>()
  #savedAt = 0
  #working: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #lost = false
  /** Somebody else has written, or may have. */
  #away = true
  #stopped = false
  #isFailing = false

  constructor(deps: DeviceRowsDeps) {
    this.#deps = deps
    this.#taken = new Array(deps.shards).fill(0)
    this.#heard = new Array(deps.shards).fill(0)
    this.#saved = new Array(deps.shards).fill(0)
    for (let shard = 0; shard < deps.shards; shard++) this.#behind.add(shard)
  }

  /** Once the engine serves; resolves when every box is known. */
  async start(): Promise<void> {
    await this.#findPositions()
    await this.#readBehind()
    await this.#load()
    this.#away = false
    this.#timer = setInterval(() => void this.#beat(), beatMs)
  }

  /** What is durable is written; or read again at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#working
    if (!this.#lost) await this.#write({ positionsToo: true }).catch(this.#deps.onError)
  }

  health(): HealthPart {
    const reason = this.#isFailing ? 'rows of boxes can not be written' : null
    return { name: 'soundbox devices', ok: !this.#isFailing, ms: 0, reason }
  }

  get isCurrent(): boolean {
    return !this.#away
  }

  /** Everything that just became durable. */
  feed({ piled }: Batch): void {
    for (let at = 0; at < piled.length; at++) {
      const { line, record, reply } = piled[at]!.outcome
      if (line === null || record === null) continue
      const { shard, seq } = line
      this.#heard[shard] = seq
      const isBox = record.kind === device.name
      // Also behind a gap: who is connected must not wait for what is read back.
      if (isBox) this.#know(record, seq, reply.state as Device['state'])
      if (this.#behind.has(shard)) continue
      if (seq !== this.#taken[shard]! + 1 || this.#pile.size >= pileMax) {
        if (seq > this.#taken[shard]!) this.#behind.add(shard)
        continue
      }
      this.#taken[shard] = seq
      if (isBox) this.#prove(record)
    }
  }

  #know({ id, at }: JournalRecord, seq: number, state: Device['state']): void {
    const card = cardOf(id, seq, state)
    if (card === null) return
    this.#deps.devices.put(card)
    this.#pile.set(id, { card, at })
    this.#deps.onChange(id, seq, state)
  }

  #prove({ id, at, events }: JournalRecord): void {
    const { proofs } = this.#deps
    for (const event of events as readonly DeviceEvent[]) proofs.take(id, event, at)
  }

  #beat(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
    return this.#working
  }

  async #work(): Promise<void> {
    if (!this.#deps.isOwner()) {
      this.#away = true
      return
    }
    try {
      if (this.#away || this.#lost) await this.#findPositions()
      if (this.#behind.size > 0) await this.#readBehind()
      // The other one may have written its rows, and positions with them.
      if (this.#away) await this.#load()
      this.#away = false
      const positionsToo = performance.now() - this.#savedAt >= saveMs
      await this.#write({ positionsToo })
      this.#isFailing = false
    } catch (cause) {
      this.#isFailing = true
      this.#lost = true
      this.#deps.onError(cause)
    }
  }

  async #write({ positionsToo }: { positionsToo: boolean }): Promise<void> {
    const { pool, proofs } = this.#deps
    const pile = [...this.#pile.values()].filter(({ card }) => !this.#isKept(card))
    const parts = proofs.drain()
    const reached = [...this.#taken]
    this.#pile = new Map()
    if (pile.length > 0) await saveCards(pool, pile.map(rowOf))
    for (const { card } of pile) this.#rows.set(card.id, card)
    if (parts.length > 0) await saveProofs(pool, parts)
    if (!positionsToo) return
    const moved = reached.flatMap((seq, shard) =>
      seq > this.#saved[shard]! ? [[shard, seq] as const] : [],
    )
    this.#savedAt = performance.now()
    if (moved.length === 0) return
    await saveDevicePositions(pool, moved)
    for (const [shard, seq] of moved) this.#saved[shard] = seq
  }

  #isKept(card: Card): boolean {
    const row = this.#rows.get(card.id)
    return row !== undefined && parts.every(part => areSame(row[part], card[part]))
  }

  async #findPositions(): Promise<void> {
    const rows = await devicePositions(this.#deps.pool)
    this.#saved.fill(0)
    for (const { shard, seq } of rows) this.#saved[shard] = seq
    for (let shard = 0; shard < this.#deps.shards; shard++) {
      this.#taken[shard] = this.#saved[shard]!
      this.#behind.add(shard)
    }
    this.#lost = false
  }

  async #readBehind(): Promise<void> {
    for (const shard of [...this.#behind]) {
      const boxes = new Set<string>()
      for (;;) {
        if (this.#stopped) return
        const lines = await this.#deps.lines(shard, this.#taken[shard]!, readAtOnce)
        for (const line of lines) {
          const record = decode(line.body)
          if (record.kind === device.name) {
            boxes.add(record.id)
            this.#prove(record)
          }
          this.#taken[shard] = line.seq
        }
        // A line that came by hand meanwhile was let go: read on until it is there.
        if (lines.length < readAtOnce && this.#taken[shard]! >= this.#heard[shard]!) break
      }
      this.#behind.delete(shard)
      for (const id of boxes) await this.#askFor(id)
    }
  }

  async #askFor(id: string): Promise<void> {
    const reply = await this.#deps.ask({ shard: shardOf(id), key: keyOf(id), kind: device.name })
    if (!('accepted' in reply)) return
    const card = cardOf(id, reply.seq, reply.state as Device['state'])
    if (card === null) return
    this.#deps.devices.put(card)
    this.#pile.set(id, { card, at: this.#deps.now() })
  }

  async #load(): Promise<void> {
    for (let after = firstId; ; ) {
      const rows = await deviceCards(this.#deps.pool, { after, limit: cardsAtOnce })
      for (const { id, seq, card } of rows) {
        const kept = { ...(card as Omit<Card, 'id' | 'seq'>), id, seq }
        this.#deps.devices.put(kept)
        this.#rows.set(id, kept)
      }
      if (rows.length < cardsAtOnce) return
      after = rows.at(-1)!.id
    }
  }
}

/** Evolving a box keeps the objects that did not change, as long as it is awake. */
const areSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other)

const rowOf = ({ card, at }: { card: Card; at: Millis }) => {
  const { id, seq, ...rest } = card
  const { status, binding } = card
  return {
    ...{ id, shard: shardOf(id), seq, status, card: rest, at },
    merchantId: binding?.merchant ?? null,
    terminalId: binding?.terminal ?? null,
  }
}

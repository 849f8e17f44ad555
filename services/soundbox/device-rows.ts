/**
 * From journal lines to what is known of soundboxes: cards in memory and in `device_view`, and the
 * proofs of what was spoken.
 *
 *   journal follower ──fresh line──▶ a box's? ──▶ card, proof ──pile──▶ tables, then position
 *                    ──read back───▶   └─ its state is asked of the engine
 *
 * DVE1. A position is written after all rows before it, and rows say the same however often they
 *       are written: what a crash cuts off is read again.
 * DVE2. A fresh card is in memory before anybody hears that what is on it is durable.
 * DVE3. After a time in which somebody else wrote, nothing here is current until it was read back.
 * DVE5. A card that says what its row says is not written again: most messages are queued and
 *       acknowledged between two writes, and leave their box as it was.
 */

import { device } from '../../actors/device/device.ts'
import type { Device, DeviceEvent } from '../../actors/device/device-contract.ts'
import { keyOf, type Millis, shardOf } from '../../engine/ids.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { type Place, positionsIn, raisePositions, type Step } from '../../sql/positions.ts'
import { deviceCards, saveCards, saveProofs } from '../../sql/soundbox/device.ts'
import { JournalFollower, type JournalSource, type Read } from '../journal-follower.ts'
import { type Card, cardOf, type Devices } from './devices.ts'
import type { Proofs } from './proofs.ts'

type DeviceRowsDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly devices: Devices
  readonly proofs: Proofs
  readonly isOwner: () => boolean
  readonly now: () => Millis
  readonly ask: (envelope: Envelope) => Promise<Reply>
  readonly source: JournalSource
  /** Everything that became durable of one box, in order. */
  readonly onChange: (id: string, seq: number, state: Device['state']) => void
  readonly onError: (cause: unknown) => void
}

const pileMax = 50_000
const pace = { beatMs: 250, gatherMs: 0, gatherMax: pileMax, positionsMs: 1_000, pileMax }
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
  readonly follower: JournalFollower
  #pile = new Map<string, { readonly card: Card; readonly at: Millis }>()
  /** What the rows say, as far as this process knows. */
  readonly #rows = new Map<string, Card>()

  constructor(deps: DeviceRowsDeps) {
    this.#deps = deps
    const { shards, isOwner, source, onError, proofs } = deps
    this.follower = new JournalFollower(
      { name: 'soundbox devices', shards, isOwner, source, onError, ...pace },
      {
        positions: () => this.#findPositions(),
        // Also behind a gap: who is connected must not wait for what is read back.
        hear: (line, record, state) => {
          // Without events it is only the answer to an effect: the box is as it was.
          if (!isBox(record) || record.events.length === 0) return
          this.#know(record, line.seq, state as Device['state'])
        },
        take: (_, record) => {
          if (isBox(record)) this.#prove(record)
        },
        takeRead: (_, read) => this.#takeRead(read),
        write: steps => this.#write(steps),
        gathered: () => this.#pile.size + proofs.waiting,
        returned: () => this.#load(),
      },
    )
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

  async #write(steps: readonly Step[]): Promise<undefined> {
    const { pool, proofs } = this.#deps
    const pile = [...this.#pile.values()].filter(({ card }) => !this.#isKept(card))
    const parts = proofs.drain()
    this.#pile = new Map()
    if (pile.length > 0) await saveCards(pool, pile.map(rowOf))
    for (const { card } of pile) this.#rows.set(card.id, card)
    if (parts.length > 0) await saveProofs(pool, parts)
    await raisePositions(pool, 'device_position', steps)
  }

  #isKept(card: Card): boolean {
    const row = this.#rows.get(card.id)
    return row !== undefined && parts.every(part => areSame(row[part], card[part]))
  }

  #findPositions(): Promise<readonly Place[]> {
    return positionsIn(this.#deps.pool, 'device_position')
  }

  async #takeRead(read: readonly Read[]): Promise<void> {
    const boxes = new Set<string>()
    for (const { record } of read) {
      if (!isBox(record)) continue
      boxes.add(record.id)
      this.#prove(record)
    }
    for (const id of boxes) await this.#askFor(id)
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

const isBox = ({ kind }: JournalRecord): boolean => kind === device.name

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

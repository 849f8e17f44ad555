/**
 * The journal of the simulation: same promises as the one in Postgres (`engine/journal.ts`), kept
 * in memory. It stores what a disk would store, text and numbers, so nothing that lives in a host
 * can reach into it, and what is read back is always made anew.
 */

import { assert, Fault } from '../assert.ts'
import type { CellImage } from '../cell.ts'
import type { Batch, Found, Want } from '../host.ts'
import type { Key } from '../ids.ts'
import { decode, genesis, type Line } from '../record.ts'
import type { CheckpointImage, ShardImage } from '../shard.ts'

type Stored = {
  epoch: number
  readonly lines: Line[]
  readonly byActor: Map<Key, Line[]>
  checkpoint: { readonly seq: number; readonly hash: string; readonly claims: string } | null
  readonly snapshots: Map<Key, Snapshot>
  readonly accounts: Map<string, { readonly house: boolean; readonly image: string }>
}
type Snapshot = {
  readonly seq: number
  readonly kind: string
  readonly owes: boolean
  readonly wakeAt: number | null
  readonly image: string
}

type MemoryJournalOptions = {
  readonly shards: number
  /** Event versions that the program speaks: snapshots of others are left aside. */
  readonly versions: ReadonlyMap<string, number>
  /** Sees every line the moment it is durable. */
  readonly onLine?: (line: Line) => void
}

export class MemoryJournal {
  readonly #shards: readonly Stored[]
  readonly #versions: ReadonlyMap<string, number>
  readonly #onLine: (line: Line) => void

  constructor({ shards, versions, onLine = () => {} }: MemoryJournalOptions) {
    this.#versions = versions
    this.#onLine = onLine
    this.#shards = Array.from({ length: shards }, () => ({
      epoch: 0,
      lines: [],
      byActor: new Map(),
      checkpoint: null,
      snapshots: new Map(),
      accounts: new Map(),
    }))
  }

  /** Takes a shard: whoever held it is fenced from here on. */
  acquire(shard: number): number {
    return ++this.#of(shard).epoch
  }

  epoch(shard: number): number {
    return this.#of(shard).epoch
  }

  seq(shard: number): number {
    return this.#of(shard).lines.length
  }

  hash(shard: number): string {
    return this.#of(shard).lines.at(-1)?.hash ?? genesis
  }

  lines(shard: number): readonly Line[] {
    return this.#of(shard).lines
  }

  /** Some keys of a shard, in order, after one. */
  keys(shard: number, after: Key, limit: number): readonly Key[] {
    const all = [...this.#of(shard).byActor.keys()].filter(key => key > after)
    return all.sort().slice(0, limit)
  }

  /** Whole or not at all, and only by the holders of the leases (J1, J2). */
  append(batch: Batch): void {
    for (const [shard, epoch] of batch.fence) {
      if (this.#of(shard).epoch !== epoch) throw new Fault('journal.fenced', { untouched: true })
    }
    const next = new Map<number, number>()
    for (const { shard, seq } of batch.lines) {
      assert(batch.fence.has(shard), 'J2: every line stands behind the fence')
      const due = next.get(shard) ?? this.seq(shard) + 1
      // What Postgres answers with a duplicate key: somebody else wrote here.
      if (seq < due) throw new Fault('journal.fenced', { untouched: true })
      assert(seq === due, 'J1: a line follows its shard’s last one')
      next.set(shard, due + 1)
    }
    for (const { shard, seq } of batch.checkpoints) {
      assert(batch.fence.has(shard), 'J2: every checkpoint stands behind the fence')
      assert(seq < (next.get(shard) ?? this.seq(shard) + 1), 'J1: a checkpoint covers lines')
    }
    for (const line of batch.lines) this.#keep(line)
    for (const image of batch.checkpoints) this.#checkpoint(image)
  }

  /** A batch as it would travel: what happens to memory afterwards does not change it any more. */
  static freeze(batch: Batch): Batch {
    return {
      fence: new Map(batch.fence),
      lines: batch.lines.map(line => ({ ...line })),
      checkpoints: JSON.parse(JSON.stringify(batch.checkpoints)),
      piled: [],
    }
  }

  #keep(line: Line): void {
    const stored = this.#of(line.shard)
    const kept = { ...line }
    stored.lines.push(kept)
    const own = stored.byActor.get(line.key)
    if (own === undefined) stored.byActor.set(line.key, [kept])
    else own.push(kept)
    this.#onLine(kept)
  }

  #checkpoint(image: CheckpointImage): void {
    const stored = this.#of(image.shard)
    const { seq, hash, claims } = image
    stored.checkpoint = { seq, hash, claims: JSON.stringify(claims) }
    for (const key of image.gone) stored.snapshots.delete(key)
    for (const { wakeAt, ...cell } of image.cells) {
      const owes = cell.owed.length > 0
      const { key, kind } = cell
      const image = JSON.stringify(cell)
      stored.snapshots.set(key, { seq: cell.seq, kind, owes, wakeAt, image })
    }
    for (const { house, ...account } of image.accounts) {
      stored.accounts.set(account.id, { house, image: JSON.stringify(account) })
    }
  }

  recover(shard: number): ShardImage {
    const stored = this.#of(shard)
    const { seq, hash, claims } = stored.checkpoint ?? { seq: 0, hash: genesis, claims: '[]' }
    const tail = stored.lines.slice(seq)

    // Which actors does the tail go on with, that were there before it?
    const older = new Set<Key>()
    const seen = new Set<Key>()
    for (const line of tail) {
      if (seen.has(line.key)) continue
      seen.add(line.key)
      if (!decode(line.body).born) older.add(line.key)
    }
    for (const [key, snapshot] of stored.snapshots) if (snapshot.owes) older.add(key)

    const cells: CellImage[] = []
    const histories: Line[] = []
    for (const key of older) {
      const image = this.#snapshot(stored, key)
      if (image !== undefined) cells.push(image)
      else histories.push(...(stored.byActor.get(key) ?? []).filter(line => line.seq <= seq))
    }
    return {
      shard,
      epoch: stored.epoch,
      seq,
      hash,
      at: seq === 0 ? 0 : decode(stored.lines[seq - 1]!.body).at,
      claims: JSON.parse(claims),
      accounts: [...stored.accounts.values()]
        .filter(account => account.house)
        .map(account => JSON.parse(account.image)),
      dormant: [...stored.snapshots].map(([key, { wakeAt, kind }]) => [key, wakeAt, kind]),
      cells,
      histories: histories.sort((a, b) => a.seq - b.seq),
      tail,
    }
  }

  load(wants: readonly Want[]): Found[] {
    return wants.map(want => {
      const stored = this.#of(want.shard)
      const snapshot = want.cell ? this.#snapshot(stored, want.key) : undefined
      const lines = want.cell ? (stored.byActor.get(want.key) ?? []) : []
      const account = want.account === undefined ? undefined : stored.accounts.get(want.account)
      return {
        want,
        snapshot,
        lines: lines.filter(line => line.seq > (snapshot?.seq ?? 0)),
        account: account === undefined ? undefined : JSON.parse(account.image),
      }
    })
  }

  #snapshot(stored: Stored, key: Key): CellImage | undefined {
    const kept = stored.snapshots.get(key)
    if (kept === undefined) return undefined
    const image: CellImage = JSON.parse(kept.image)
    return this.#versions.get(image.kind) === image.version ? image : undefined
  }

  #of(shard: number): Stored {
    return this.#shards[shard]!
  }
}

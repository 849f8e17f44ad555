/**
 * Soundboxes as people see them, and as they are let in: a login asks the card, not the journal.
 *
 * Z69. Every box has one row with its status, its counter and its whole card: secret, model,
 *      configuration, commands, and how much it has to say; and there are no others. A row of a
 *      later line than the table is at, as after a restart, is compared by the next reading.
 */

import type { Actors } from './actors.ts'
import { differenceIn, type Image, type Loose } from './image.ts'
import type { Problems } from './problems.ts'
import { kept } from './rows.ts'
import type { ShardEnd, Source } from './source.ts'

const idsPerPage = 1_000

/** Rows of several shards, until all have been compared and what is left over is known. */
export class DeviceRows {
  readonly #problems: Problems
  #found = 0
  /** A shard's table was ahead of its journal: which of its rows are too many, nobody knows. */
  isAhead = false
  /** A shard's table is behind: boxes of later lines may have their row already. */
  #isBehind = false

  constructor(problems: Problems) {
    this.#problems = problems
  }

  async compare(source: Source, { end, actors }: { end: ShardEnd; actors: Actors }): Promise<void> {
    const { shard, devicesSeq, seq } = end
    if (devicesSeq < seq) this.#isBehind = true
    const boxes = [...actors.known.values()].flatMap(({ id, seq, image }) =>
      image === null ? [] : [{ id, seq, image }],
    )
    for (let from = 0; from < boxes.length; from += idsPerPage) {
      const some = boxes.slice(from, from + idsPerPage)
      const rows = await source.devices(some.map(({ id }) => id))
      const found = new Map(rows.map(([id, ...row]) => [id, row]))
      // Two shards are compared at a time: a sum is read when its part is there.
      this.#found += rows.length
      for (const { id, seq, image } of some) {
        const row = found.get(id)
        const place = { shard, seq, actor: id }
        if (row === undefined) this.#problems.add('device_view.missing', place, 'it has no row')
        else if (Number(row[1]) <= devicesSeq) {
          const text = wrongIn(row, image, shard)
          if (text !== null) this.#problems.add('device_view.changed', place, text)
        }
      }
    }
  }

  async finish(source: Source): Promise<void> {
    if (this.isAhead || this.#isBehind) return
    const extra = (await source.deviceCount()) - this.#found
    if (extra <= 0) return
    this.#problems.add('device_view.extra', { shard: 0 }, `${extra} rows are in no journal`)
  }
}

/** As JSON stands in a table: words of others may hold what it does not take. */
const asKept = (card: object): Loose =>
  JSON.parse(JSON.stringify(card, (_, value) => (typeof value === 'string' ? kept(value) : value)))

function wrongIn(row: readonly unknown[], { state }: Image, shard: number): string | null {
  const [rowShard, , status, merchant, terminal, text] = row
  const { phase, device, reason = '' } = state
  const { queue, recent: _, missed: __, telling: ___, ...facts } = device
  const { binding } = facts
  const stated: Loose = {
    shard: rowShard,
    status,
    merchant,
    terminal,
    card: JSON.parse(String(text)),
  }
  return differenceIn(
    stated,
    {
      ...{ shard, status: phase },
      ...{ merchant: binding?.merchant ?? null, terminal: binding?.terminal ?? null },
      card: asKept({ ...facts, status: phase, reason, waiting: queue.length }),
    },
    'it',
  )
}

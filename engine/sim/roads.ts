/**
 * Two roads to the same place: a shard read back from its checkpoint and what came after, and one
 * read back from its very first line. Whatever both know must be the same, and what lives in memory
 * must be that as well.
 */

import type { AnyActor } from '../actor.ts'
import { assert } from '../assert.ts'
import type { Cell } from '../cell.ts'
import type { FloorOf } from '../ledger.ts'
import { emptyShard, Shard } from '../shard.ts'
import type { MemoryJournal } from './memory-journal.ts'

type Roads = {
  readonly journal: MemoryJournal
  readonly actors: readonly AnyActor[]
  readonly floorOf: FloorOf
}

/** Throws unless both roads agree; gives back the shard as read from zero. */
export function checkTwoRoads({ journal, actors, floorOf }: Roads, index: number): Shard {
  const kinds = new Map(actors.map(actor => [actor.name, actor]))
  const tail = journal.lines(index)
  const zero = new Shard({ ...emptyShard(index, 0), tail }, kinds, floorOf, 0)
  const image = journal.recover(index)
  const recovered = new Shard(image, kinds, floorOf, 0)
  assert(recovered.seq === zero.seq, 'V6: both roads end at the same line')
  assert(recovered.hash === zero.hash, 'V6: both roads end with the same hash')
  assert(recovered.open === zero.open, `V6: ${recovered.open} live, from zero ${zero.open}`)

  for (const kind of kinds.keys()) {
    const cells = [...zero.cells.values()]
    const living = cells.filter(cell => cell.live && cell.actor.name === kind).length
    const told = [recovered.livingOf(kind), zero.livingOf(kind)]
    assert(
      told.every(count => count === living),
      `V6: ${living} of ${kind} live, not ${told}`,
    )
  }

  for (const [key, cell] of zero.cells) {
    const known = recovered.cells.get(key)
    const asleep = recovered.dormant.get(key)
    const want = { shard: index, key, kind: cell.actor.name, cell: true, account: undefined }
    const [found] = known === undefined ? journal.load([want]) : []
    if (asleep !== undefined) assert((asleep ?? Infinity) === cell.wakeAt(), 'V6: the alarm is set')
    const other = known ?? recovered.wake(want.kind, key, found!.snapshot, found!.lines)
    assert(sameCell(other, cell), `V6: ${show(other)} by checkpoint, ${show(cell)} from zero`)
  }
  for (const [id, account] of zero.accounts) {
    const want = { shard: index, key: '', kind: '', cell: false, account: id }
    const kept =
      recovered.accounts.get(id)?.balances() ?? journal.load([want])[0]!.account?.balances
    assert(`${kept}` === `${account.balances()}`, `V6: ${id} is ${kept} or ${account.balances()}`)
  }
  checkClaims(recovered, zero)
  return zero
}

/** What lives in memory, all of it durable, against what the journal says. */
export function checkLiving(living: Shard, zero: Shard): void {
  assert(living.hash === zero.hash, 'V6: memory ends with the hash of the journal')
  assert(
    living.open === zero.open,
    `V6: ${living.open} live in memory, ${zero.open} in the journal`,
  )
  for (const kind of new Set([...zero.cells.values()].map(cell => cell.actor.name))) {
    const [here, there] = [living.livingOf(kind), zero.livingOf(kind)]
    assert(here === there, `V6: ${here} of ${kind} live in memory, ${there} in the journal`)
  }
  for (const key of zero.cells.keys()) {
    assert(!living.isNew(key), 'V6: memory knows every actor that was ever born')
  }
  for (const [key, cell] of living.cells) {
    if (cell.seq === 0) continue
    const other = zero.cells.get(key)
    assert(other !== undefined && sameCell(cell, other), `V6: in memory ${show(cell)}`)
  }
  for (const [key, wakeAt] of living.dormant) {
    const other = zero.cells.get(key)
    assert(other?.live === true, 'V6: only the living sleep')
    assert((wakeAt ?? Infinity) === other.wakeAt(), 'V6: the alarm of a sleeper is set')
  }
  for (const [id, account] of living.accounts) {
    const other = zero.accounts.get(id)?.balances() ?? [0, 0, 0]
    assert(`${account.balances()}` === `${other}`, `V6: in memory ${id} is ${account.balances()}`)
  }
  checkClaims(living, zero)
}

/** Every claim that was ever made, at each moment that matters from the last line on. */
function checkClaims(a: Shard, b: Shard): void {
  for (const [word, until] of b.claimed()) {
    for (const at of [b.at, until - 1]) {
      if (at < b.at) continue
      assert(a.holder(word, at) === b.holder(word, at), `V6: both roads know who holds ${word}`)
    }
  }
}

function sameCell(a: Cell, b: Cell): boolean {
  return a.seq === b.seq && JSON.stringify(a.image()) === JSON.stringify(b.image())
}

const show = (cell: Cell): string => JSON.stringify(cell.image())

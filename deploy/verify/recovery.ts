/**
 * The tables that a restart begins with, against what a reader of the journal knows at the same
 * line: if they were wrong, the engine would go on from something that never happened.
 *
 * Z17. Checkpoint, accounts and claims say what the journal says up to the checkpoint's line, and
 *      accounts of the house are marked as such.
 * Z18. Whoever still has something to do has a snapshot, of its last line, with its holds, and
 *      marked so that a restart finds it; who is through has none.
 */

import { type Actor, type Actors, isLive } from './actors.ts'
import type { Book } from './book.ts'
import type { Chain } from './chain.ts'
import type { Claims } from './claims.ts'
import type { Problems } from './problems.ts'
import type { AccountRow, SnapshotRow, Source } from './source.ts'

export async function compareCheckpoint(
  source: Source,
  shard: number,
  { chain, claims, problems }: { chain: Chain; claims: Claims; problems: Problems },
): Promise<void> {
  const row = await source.checkpoint(shard)
  if (row === undefined) return
  const place = { shard, seq: chain.seq }
  if (row.hash !== chain.hash) {
    const text = `the checkpoint has the hash ${row.hash}, its line ${chain.hash}`
    problems.add('checkpoint.hash', place, text)
  }
  const live = claims.live(chain.at)
  for (const [word, until, holder] of listOf(row.claims)) {
    const known = live.get(word)
    live.delete(word)
    if (known === undefined && until <= chain.at) continue
    if (known?.until === until && known.holder === holder) continue
    const journal = known === undefined ? 'nobody' : `${known.holder} until ${known.until}`
    const text = `${holder} holds it until ${until}, in the journal ${journal}`
    problems.add('checkpoint.claims', { ...place, actor: word }, text)
  }
  for (const [word, { holder, until }] of live) {
    const text = `${holder} holds it until ${until}, which the checkpoint forgot`
    problems.add('checkpoint.claims', { ...place, actor: word }, text)
  }
}

/** `name` is the table: what recovery starts from, or what people see. */
export async function compareAccounts(
  name: 'account' | 'account_view',
  pages: AsyncIterable<readonly AccountRow[]>,
  { shard, book, problems }: { shard: number; book: Book; problems: Problems },
): Promise<void> {
  const seen = new Set<string>()
  for await (const page of pages) {
    for (const [id, seq, balance, debitsPending, creditsPending, house] of page) {
      const known = book.accounts.get(id)
      const place = { shard, seq: Number(seq), actor: id }
      if (known === undefined) {
        problems.add(`${name}.extra`, place, 'the journal never mentions it')
        continue
      }
      seen.add(id)
      // One that is not loaded with its shard would begin again at nothing.
      if (house === id.startsWith('wallet:')) {
        const text = house ? 'is kept as the house’s' : 'is kept as a wallet'
        problems.add('account.house', place, text)
      }
      const stated = `${balance} ${debitsPending} ${creditsPending} of line ${seq}`
      const read = `${known.balance} ${known.debitsPending} ${known.creditsPending} of line ${known.seq}`
      if (stated === read) continue
      problems.add(`${name}.changed`, place, `the row says ${stated}, the journal ${read}`)
    }
  }
  if (seen.size === book.accounts.size) return
  for (const [id, { seq }] of book.accounts) {
    if (!seen.has(id)) problems.add(`${name}.missing`, { shard, seq, actor: id }, 'it has no row')
  }
}

export async function compareSnapshots(
  pages: AsyncIterable<readonly SnapshotRow[]>,
  { shard, actors, problems }: { shard: number; actors: Actors; problems: Problems },
): Promise<void> {
  for await (const page of pages) {
    for (const row of page) {
      const [, key, seq] = row
      const actor = actors.known.get(key)
      const place = { shard, seq: Number(seq), actor: actor?.id ?? key }
      if (actor === undefined) {
        problems.add('snapshot.extra', place, 'the journal never mentions it')
        continue
      }
      actor.seen = true
      if (isLive(actor) === false && !owes(actor, row)) {
        problems.add('snapshot.extra', place, 'nothing is left to do for it')
        continue
      }
      const difference = differenceOf(actor, row)
      if (difference !== null) problems.add('snapshot.changed', place, difference)
    }
  }
  for (const actor of actors.known.values()) {
    if (!actor.seen && isLive(actor) === true && actor.order?.unknown !== true) {
      const place = { shard, seq: actor.seq, actor: actor.id }
      problems.add('snapshot.missing', place, 'it is not over, and has no snapshot')
    }
    actor.seen = false
  }
}

/** An order can be over while a question about it is still out: its answer ends the snapshot. */
function owes(actor: Actor, [, , , , text]: SnapshotRow): boolean {
  const owed: unknown = objectOf(text)?.['owed']
  return Array.isArray(owed) && owed.some(one => String(one?.id).startsWith(`${actor.id}/`))
}

const phaseOf: Readonly<Record<string, string>> = {
  trying: 'open',
  waiting: 'open',
  parked: 'open',
}

/** What a snapshot says otherwise than the journal, in words. */
function differenceOf(actor: Actor, [, , seq, kind, text, live, owes]: SnapshotRow): string | null {
  if (Number(seq) !== actor.seq) return `is of line ${seq}, its last line is ${actor.seq}`
  if (kind !== actor.kind) return `is of a ${kind}, the journal of a ${actor.kind}`
  const image = objectOf(text)
  if (image === null) return 'cannot be read'
  if (image['id'] !== actor.id) return `has the id ${image['id']}`
  if (!live) return 'is marked as over'
  const isOwing = Array.isArray(image['owed']) && image['owed'].length > 0
  if (owes !== isOwing) return `is marked as owing ${owes ? 'an effect' : 'nothing'}`
  const { order } = actor
  if (order === null || order.unknown) return null
  const phase = image['state']?.phase
  if ((phaseOf[phase] ?? phase) !== order.phase) return `is ${phase}, the journal ${order.phase}`
  const facts = image['state'].order
  if (facts?.price !== order.price) return `has the price ${facts?.price}, not ${order.price}`
  if (facts.attempts?.length !== order.attempts) return `has not ${order.attempts} attempts`
  const holds = JSON.stringify((image['holds'] ?? []).map(amountOf))
  const wanted = JSON.stringify(order.held ? [['price', order.price]] : [])
  return holds === wanted ? null : `holds ${holds}, the journal ${wanted}`
}

const amountOf = (hold: { name: string; amount: number }) => [hold.name, hold.amount]

function listOf(text: string): readonly [word: string, until: number, holder: string][] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as free as its actor; checked where it is read
function objectOf(text: string): Record<string, any> | null {
  try {
    const image: unknown = JSON.parse(text)
    return typeof image === 'object' ? (image as Record<string, unknown>) : null
  } catch {
    return null
  }
}

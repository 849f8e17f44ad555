/**
 * The tables that a restart begins with, against what a reader of the journal knows at the same
 * line: if they were wrong, the engine would go on from something that never happened.
 *
 * Z17. Checkpoint, accounts and claims say what the journal says up to the checkpoint's line, and
 *      accounts of the house are marked as such.
 * Z18. Whoever still has something to do has a snapshot, of its last line, and marked so that a
 *      restart finds it; who is through has none.
 * Z65. A snapshot says of its actor, whatever its kind, what its lines say: whose it is and how it
 *      stands to the last word, which money it holds, what it asks of others, and when it wakes.
 */

import { type Actor, type Actors, isLive } from './actors.ts'
import type { Book } from './book.ts'
import { type Chain, parse } from './chain.ts'
import type { Claims } from './claims.ts'
import { differenceIn, Image, type Loose } from './image.ts'
import type { Place, ProblemName, Problems } from './problems.ts'
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

type Snapshots = {
  readonly shard: number
  readonly actors: Actors
  readonly problems: Problems
}

export async function compareSnapshots(
  source: Source,
  pages: AsyncIterable<readonly SnapshotRow[]>,
  { shard, actors, problems }: Snapshots,
): Promise<void> {
  for await (const page of pages) {
    const sound: Sound[] = []
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
      else sound.push({ row, actor, place })
    }
    for (let from = 0; from < sound.length; from += historiesPerPage) {
      const some = sound.slice(from, from + historiesPerPage)
      await compareImages(source, some, { shard, problems })
    }
  }
  for (const actor of actors.known.values()) {
    const isWorking = isLive(actor) === true || (actor.image?.owed.length ?? 0) > 0
    if (!actor.seen && isWorking && actor.order?.unknown !== true) {
      const place = { shard, seq: actor.seq, actor: actor.id }
      problems.add('snapshot.missing', place, 'it is not over, and has no snapshot')
    }
    actor.seen = false
  }
}

/** A row that is of the right actor and line, but may say anything of it. */
type Sound = { readonly row: SnapshotRow; readonly actor: Actor; readonly place: Place }

/** Few actors have many lines, but some do. */
const historiesPerPage = 200

async function compareImages(
  source: Source,
  sound: readonly Sound[],
  { shard, problems }: Omit<Snapshots, 'actors'>,
): Promise<void> {
  const asked = sound.filter(({ actor }) => actor.image === null)
  const images = new Map(asked.map(({ row: [, key], actor }) => [key, Image.of(actor.kind)]))
  const broken = new Map<string, string>()
  if (asked.length > 0) {
    const ends = new Map(asked.map(({ row: [, key], actor }) => [key, actor.seq]))
    const lines = await source.histories(
      shard,
      asked.map(({ row: [actor] }) => actor),
    )
    for (const [key, seq, text] of lines) {
      const body = Number(seq) <= ends.get(key)! ? parse(text) : null
      if (body === null || broken.has(key)) continue
      try {
        images.get(key)?.read(Number(seq), body)
      } catch (cause) {
        broken.set(key, (cause as Error).message)
      }
    }
  }
  for (const { row, actor, place } of sound) {
    const image = actor.image ?? images.get(row[1]) ?? null
    const why = broken.get(row[1])
    // Of a kind that this reading does not know, or begun in the dark, which is told elsewhere.
    if (image === null || actor.order?.unknown === true) continue
    if (why !== undefined) {
      problems.add('snapshot.changed', place, `its lines cannot be followed: ${why}`)
      continue
    }
    for (const [name, text] of differencesIn(image, row)) problems.add(name, place, text)
  }
}

type Difference = readonly [name: ProblemName, text: string]

function differencesIn(
  image: Image,
  [, , , , text, , , version, wakesAt]: SnapshotRow,
): Difference[] {
  const stated = objectOf(text)!
  const holds = differenceIn(byName(stated['holds']), byName(image.holds), 'holds')
  const owed = differenceIn(byId(stated['owed']), byId(image.owed), 'owed')
  const said = { owner: stated['owner'], state: stated['state'], version: stated['version'] }
  const changed = differenceIn(said, { owner: image.owner, state: image.state, version }, 'it')
  const alarm = wakesAt === null ? null : Number(wakesAt)
  return [
    ...(changed === null ? [] : [['snapshot.changed', changed] as const]),
    ...(holds === null ? [] : [['snapshot.holds', holds] as const]),
    ...(owed === null ? [] : [['snapshot.owes', owed] as const]),
    ...(alarm === image.wakesAt
      ? []
      : [['snapshot.wakes', `wakes at ${alarm}, the journal says ${image.wakesAt}`] as const]),
  ]
}

/** An order can be over while a question about it is still out: its answer ends the snapshot. */
function owes(actor: Actor, [, , , , text]: SnapshotRow): boolean {
  const owed: unknown = objectOf(text)?.['owed']
  return Array.isArray(owed) && owed.some(one => String(one?.id).startsWith(`${actor.id}/`))
}

/** What a row says otherwise than the journal of whom it is, in words. */
function differenceOf(
  actor: Actor,
  [, key, seq, kind, text, live, owes]: SnapshotRow,
): string | null {
  if (Number(seq) !== actor.seq) return `is of line ${seq}, its last line is ${actor.seq}`
  if (kind !== actor.kind) return `is of a ${kind}, the journal of a ${actor.kind}`
  const image = objectOf(text)
  if (image === null) return 'cannot be read'
  if (image['id'] !== actor.id) return `has the id ${image['id']}`
  if (image['key'] !== key) return `has the key ${image['key']}`
  if (image['kind'] !== kind) return `has the kind ${image['kind']}`
  if (image['seq'] !== actor.seq) return `has the line ${image['seq']}`
  if (!live) return 'is marked as over'
  const isOwing = Array.isArray(image['owed']) && image['owed'].length > 0
  if (owes !== isOwing) return `is marked as owing ${owes ? 'an effect' : 'nothing'}`
  return null
}

const byName = (holds: Loose): Loose => sorted(holds, 'name')
const byId = (owed: Loose): Loose => sorted(owed, 'id')

/** As a list may be in any order; what is no list stays what it is. */
function sorted(list: Loose, word: string): Loose {
  if (!Array.isArray(list)) return list
  return list.toSorted((a, b) => (String(a?.[word]) < String(b?.[word]) ? -1 : 1))
}

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

/**
 * Tutup buku: the books of one day in Asia/Jakarta, for ever. A day is a stretch of each shard's
 * journal: it ends before the first line of the next day, so that every line belongs to one day,
 * and what is in flight at midnight is held on that evening and decided on the day when it ends.
 *
 *   journal of a shard   … line │ first line at or after midnight …
 *                       day 14 ─┘ cut        day 15 ─▶
 *
 * MNK1. The statement follows from the journal alone: whoever computes it again gets its bytes.
 * MNK2. What one day ends with, the next begins with; opening and in less out is the closing.
 * MNK3. All accounts together are zero, or nothing is closed and signed.
 * MNK4. Each statement names the hash of the one before and is signed; a closed day never changes,
 *       and a late correction is an entry of the day on which it is made.
 * MNK5. A day is closed only when no line of it can still be on its way.
 */

import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
} from 'node:crypto'
import { assert } from '../../engine/assert.ts'
import { plus } from '../../engine/money.ts'
import type { Database } from '../../sql/database.ts'
import {
  addClosing,
  type ClosingRow,
  firstLineAt,
  lastClosing,
  type Moved,
  readClosings,
  readMoved,
  readStretch,
} from '../../sql/money/closings.ts'
import { dayAfter, dayOf, dayStart } from '../day.ts'

type Line = {
  readonly account: string
  readonly opening: number
  readonly in: number
  readonly out: number
  readonly closing: number
  /** Of the closing: what is held for orders in flight. */
  readonly held: number
}

export type Statement = {
  readonly v: 1
  readonly day: string
  readonly zone: 'Asia/Jakarta'
  readonly previous: string
  /** The last line of the day, shard by shard. */
  readonly cuts: readonly number[]
  readonly accounts: readonly Line[]
  readonly sum: number
}

export type Signer = {
  readonly publicKey: string
  readonly sign: (text: string) => string
}

type ClosingDeps = {
  readonly pool: Database['pool']
  readonly shards: number
  readonly signer: Signer
  readonly now: () => number
  /** Of a shard that is ours: how far memory is, and the journal. */
  readonly shardAt: (shard: number) => { seq: number; durableSeq: number } | undefined
}

const linesAtOnce = 20_000
const genesis = '0'.repeat(64)
/** Clocks of machines that follow each other differ by less. */
const settleMs = 60_000

/** Closes every day that is over; returns those it closed. */
export async function closeDays(deps: ClosingDeps): Promise<readonly string[]> {
  const { pool, signer, now } = deps
  const closed: string[] = []
  let previous = await lastClosing(pool)
  for (;;) {
    const day = previous === null ? await firstDay(pool) : dayAfter(previous.day)
    if (day === null || now() < dayStart(dayAfter(day)) + settleMs) return closed
    const from = previous === null ? null : (JSON.parse(previous.statement) as Statement)
    const cuts = await cutsOf(deps, dayStart(dayAfter(day)), from)
    if (cuts === null) return closed
    const statement = await compute(pool, { day, cuts, from, previous: previous?.hash ?? genesis })
    previous = {
      day,
      statement,
      hash: hashOf(statement),
      signature: signer.sign(statement),
      signer: signer.publicKey,
    }
    await addClosing(pool, previous)
    closed.push(day)
  }
}

export type Doubt = { readonly day: string; readonly what: string }

/** Computes every closed day again, oldest first, and tells what is not as it was closed. */
export async function doubts(pool: Database['pool']): Promise<readonly Doubt[]> {
  const rows = (await readClosings(pool, { before: null, limit: 10_000 })).toReversed()
  const found: Doubt[] = []
  let from: Statement | null = null
  let previous = genesis
  for (const row of rows) {
    const { day, statement } = row
    const told = JSON.parse(statement) as Statement
    const again = await compute(pool, { day, cuts: told.cuts, from, previous })
    if (again !== statement) found.push({ day, what: 'the journal gives another statement' })
    if (hashOf(statement) !== row.hash) found.push({ day, what: 'the hash is another' })
    if (!isSigned(row)) found.push({ day, what: 'the signature does not hold' })
    from = told
    previous = row.hash
  }
  return found
}

async function firstDay(pool: Database['pool']): Promise<string | null> {
  const at = await firstLineAt(pool)
  return at === null ? null : dayOf(at)
}

/** Null while a line of that day may still be on its way. */
async function cutsOf(
  { pool, shards, shardAt }: ClosingDeps,
  untilMs: number,
  from: Statement | null,
): Promise<readonly number[] | null> {
  const cuts: number[] = []
  for (let shard = 0; shard < shards; shard++) {
    const place = shardAt(shard)
    if (place === undefined) return null
    const isQuiet = place.seq === place.durableSeq
    let after = from?.cuts[shard] ?? 0
    for (;;) {
      const asked = { shard, after, limit: linesAtOnce, untilMs }
      const { last, cut } = await readStretch(pool, asked)
      if (cut !== null) {
        cuts.push(cut - 1)
        break
      }
      if (last === null) {
        // Nothing of the next day yet: the day ends here, unless something is being written.
        if (!isQuiet) return null
        cuts.push(after)
        break
      }
      after = last
    }
  }
  return cuts
}

async function compute(
  pool: Database['pool'],
  asked: {
    readonly day: string
    readonly cuts: readonly number[]
    readonly from: Statement | null
    readonly previous: string
  },
): Promise<string> {
  const { day, cuts, from, previous } = asked
  const moved: Moved[] = []
  for (const [shard, cut] of cuts.entries()) {
    for (let after = from?.cuts[shard] ?? 0; after < cut; after += linesAtOnce) {
      const last = Math.min(cut, after + linesAtOnce)
      moved.push(...(await readMoved(pool, { shard, after, last })))
    }
  }
  const accounts = foldDay(from?.accounts ?? [], moved)
  const sum = accounts.reduce((total, line) => plus(total, line.closing), 0)
  assert(sum === 0, 'MNK3: all accounts together are zero')
  const statement: Statement = { v: 1, day, zone: 'Asia/Jakarta', previous, cuts, accounts, sum }
  return JSON.stringify(statement)
}

function foldDay(before: readonly Line[], moved: readonly Moved[]): readonly Line[] {
  const lines = new Map<string, Line>()
  for (const { account, closing, held } of before) {
    lines.set(account, { account, opening: closing, in: 0, out: 0, closing, held })
  }
  for (const { account, came, went, held } of moved) {
    const line = lines.get(account) ?? { account, ...empty }
    lines.set(account, {
      account,
      opening: line.opening,
      in: plus(line.in, came),
      out: plus(line.out, went),
      closing: plus(plus(line.closing, came), -went),
      held: plus(line.held, held),
    })
  }
  return [...lines.values()].sort((one, other) => (one.account < other.account ? -1 : 1))
}

const empty = { opening: 0, in: 0, out: 0, closing: 0, held: 0 }

const hashOf = (statement: string): string => createHash('sha256').update(statement).digest('hex')

/** The fixed beginning of an Ed25519 key in PKCS8; the seed follows. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A key of its own out of the master key: the statement tells nothing about the other uses. */
export function makeSigner(masterKey: Uint8Array): Signer {
  const seed = createHmac('sha256', masterKey).update('laju closing').digest()
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')
  return {
    publicKey,
    sign: text => sign(null, Buffer.from(text), key).toString('base64'),
  }
}

export function isSigned({ statement, signature, signer }: ClosingRow): boolean {
  const key = createPublicKey({
    key: Buffer.from(signer, 'base64'),
    format: 'der',
    type: 'spki',
  })
  return verify(null, Buffer.from(statement), key, Buffer.from(signature, 'base64'))
}

/**
 * From journal lines to rows of deposits and of what stands in suspense.
 *
 * GWF1. A line is folded once and in order: positions are written together with the rows.
 * GWF2. Folded again from the first line, the tables say the same.
 * GWF3. How a row stands is how its actor stands, also of one that never was made and for which
 *       money came all the same.
 */

import { type DepositEvent, depositKey } from '../../../actors/deposit/deposit-contract.ts'
import type { JournalRecord } from '../../../engine/record.ts'
import type { DatabasePool } from '../../../sql/database.ts'
import {
  addIntents,
  addSuspense,
  type IntentPatch,
  type NewIntent,
  type NewSuspense,
  patchIntents,
  type Resolution,
  resetIntents,
  resolveSuspense,
  statusesOf,
} from '../../../sql/money/deposit-intents.ts'
import { movePositions, positionsIn, type Step } from '../../../sql/positions.ts'
import { JournalFollower, type JournalSource } from '../../journal-follower.ts'

type IntentRowsDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly isOwner: () => boolean
  readonly source: JournalSource
  readonly onError: (cause: unknown) => void
}

const pileMax = 20_000
const pace = { beatMs: 50, gatherMs: 250, gatherMax: pileMax, pileMax }

export class IntentRows {
  readonly #deps: IntentRowsDeps
  readonly follower: JournalFollower
  #pile: JournalRecord[] = []

  constructor(deps: IntentRowsDeps) {
    this.#deps = deps
    const { shards, isOwner, source, onError } = deps
    this.follower = new JournalFollower(
      { name: 'deposits', shards, isOwner, source, onError, ...pace },
      {
        positions: async () => {
          const places = await positionsIn(deps.pool, 'deposit_intent_position')
          this.#pile = []
          return places
        },
        take: (_, record) => this.#take(record),
        takeRead: (_, read) => {
          for (const { record } of read) this.#take(record)
          return undefined
        },
        write: steps => this.#write(steps),
        gathered: () => this.#pile.length,
      },
    )
  }

  /** Empties the tables; they are folded again from the first line. */
  rebuild(): Promise<void> {
    return this.follower.rebuild(() => resetIntents(this.#deps.pool))
  }

  get idle(): boolean {
    return this.follower.idle
  }

  #take(record: JournalRecord): void {
    if (record.kind === 'deposit') this.#pile.push(record)
  }

  async #write(steps: readonly Step[]): Promise<undefined> {
    const pile = this.#pile
    this.#pile = []
    await this.#deps.pool.transaction(async tx => {
      await movePositions(tx, 'deposit_intent_position', steps)
      const stood = await statusesOf(tx, [...new Set(pile.map(({ id }) => id))])
      const folded = fold(pile, new Map(stood.map(row => [row.id, row])))
      if (folded.made.length > 0) await addIntents(tx, folded.made)
      if (folded.patches.length > 0) await patchIntents(tx, folded.patches)
      if (folded.suspended.length > 0) await addSuspense(tx, folded.suspended)
      if (folded.resolved.length > 0) await resolveSuspense(tx, folded.resolved)
    })
  }
}

type Folded = {
  readonly made: readonly NewIntent[]
  readonly patches: readonly IntentPatch[]
  readonly suspended: readonly NewSuspense[]
  readonly resolved: readonly Resolution[]
}

type Stood = { readonly status: string; readonly suspended: number; readonly isMade: boolean }

/** `stood`: what rows said before, of those that there were. */
function fold(records: readonly JournalRecord[], stood: ReadonlyMap<string, Stood>): Folded {
  const made: NewIntent[] = []
  const patches = new Map<string, IntentPatch>()
  const suspended: NewSuspense[] = []
  const resolved: Resolution[] = []
  for (const record of records) {
    const { id, at } = record
    const patch = patches.get(id) ?? { id, updatedMs: at }
    patches.set(id, patch)
    patch.updatedMs = at
    for (const event of record.events as readonly DepositEvent[]) {
      if (event.type === 'asked') {
        const { user: userId, ref, method, gateway, amount } = event
        const reffId = depositKey(userId, ref)
        made.push({ id, userId, ref, method, gateway, reffId, amount, createdMs: at })
      } else if (event.type === 'suspended') {
        const { n, why, amount, payment, via } = event
        const userId = ownerOf(record)
        const gateway = gatewayIn(record)
        suspended.push({ intentId: id, n, userId, gateway, why, amount, payment, via, atMs: at })
      } else if (event.type === 'resolved') {
        const { n, verdict, by, reason } = event
        resolved.push({ intentId: id, n, verdict, by, reason, atMs: at })
      }
      change(patch, event, { at, stood: stood.get(id) ?? newborn })
    }
  }
  return { made, patches: [...patches.values()], suspended, resolved }
}

const walletPrefix = 'wallet:'
const ownerOf = ({ owner }: JournalRecord): string => (owner ?? '').slice(walletPrefix.length)

const gatewayPrefix = 'gateway:'
/** The account that the money came from: it names the gateway. */
const gatewayIn = ({ entries }: JournalRecord): string => {
  const names = entries.flatMap(([, , debit, credit]) => [debit, credit])
  return names.find(name => name.startsWith(gatewayPrefix))?.slice(gatewayPrefix.length) ?? ''
}

const newborn: Stood = { status: 'asking', suspended: 0, isMade: false }

function change(
  patch: IntentPatch,
  event: DepositEvent,
  { at, stood }: { readonly at: number; readonly stood: Stood },
): void {
  const status = patch.status ?? stood.status
  switch (event.type) {
    case 'created': {
      const { id, amount, fee, expiresAt, pay } = event.theirs
      patch.status = 'pending'
      patch.theirId = id
      patch.pays = amount
      patch.fee = fee
      patch.expiresMs = expiresAt
      patch.pay = pay
      return
    }
    case 'uncreated':
      patch.status = 'failed'
      patch.why = event.code
      return
    case 'doubted':
      patch.status = 'doubt'
      return
    case 'cancelled':
    case 'expired':
    case 'failed':
      patch.status = event.type
      return
    case 'processing_begun':
      patch.status = 'processing'
      return
    case 'paid':
      patch.status = 'paid'
      patch.pays = event.amount
      patch.fee = event.fee
      patch.received = event.received
      patch.paidMs = at
      patch.via = event.via
      return
    case 'suspended':
      patch.suspended = (patch.suspended ?? 0) + event.amount
      patch.why = event.why
      // Before its end, another amount than was agreed waits for a person.
      if (status === 'pending' || status === 'processing') patch.status = 'parked'
      return
    case 'resolved': {
      patch.suspended = (patch.suspended ?? 0) - event.amount
      const isOpen = stood.suspended + patch.suspended > 0
      // What was never made is not paid by money that came for it all the same.
      const isMade = stood.isMade || patch.theirId !== undefined
      if (event.verdict === 'credit' && status !== 'paid' && isMade) {
        patch.status = 'paid'
        patch.received = event.amount
        patch.paidMs = at
        patch.via = 'manual'
      } else if (event.verdict === 'return' && status === 'parked' && !isOpen) {
        patch.status = 'failed'
      }
      return
    }
    default:
      return
  }
}

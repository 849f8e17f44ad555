/**
 * One batch of what a merchant is owed, from the days it was earned until the bank has paid it.
 *
 *   absent ──create──▶ created ──paid────▶ paid
 *                        ├──fail──▶ failed ─────┐
 *                        ├──cancel▶ cancelled ──┴──reprocess──▶ reprocessed (another batch has it)
 *                        ├──adjust (credit, debit)
 *                        └──give (a bank's file names it) ──▶ paid, failed, or recalled and cancelled
 *
 *   created: payable:<day> ─▶ batch, and batch ─▶ payable:<day> where a day is below zero
 *   paid: batch ─▶ payout      failed, cancelled: each day gets back what it gave
 *
 * SLA1. A batch takes all that stands on its days, and what it took stands nowhere else: every
 *       rupiah is in one live batch at most.
 * SLA2. Days below zero reduce the batch, and come first where there are too many for one; what is
 *       not above zero as a whole is no batch, and stays on its days for the next one.
 * SLA3. A batch is paid once; nothing changes it after that.
 * SLA4. A batch that failed or was cancelled gives everything back, adjustments included.
 * SLA5. Adjustments have a sign, a reason and an author, are known by their id, and never bring a
 *       batch below zero.
 * SLA6. Whatever is asked again changes nothing.
 * SLA7. What a bank's file was given for may be on its way: from then on the amount stands, another
 *       file is only for who asks for it again, and only who says that the file is recalled cancels
 *       the batch. What was paid is in a file again only for who asks so.
 * SLA8. A day that is not due is taken only if it stands below zero at that moment.
 */

import { accept, actor, type Decision, refuse } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import type { ActorId, Millis } from '../../engine/ids.ts'
import type { Posting } from '../../engine/ledger.ts'
import { amountMax, isRupiah, type Rupiah } from '../../engine/money.ts'
import { batchOf, merchantAdjustment, payable, payout } from '../chart.ts'

type DayAmount = { readonly day: string; readonly amount: Rupiah }

type Adjustment = {
  readonly adjustmentId: string
  readonly kind: 'credit' | 'debit'
  readonly amount: Rupiah
  readonly reason: string
  readonly by: string
}

type BatchFacts = {
  readonly merchant: ActorId
  readonly reference: string
  /** yyyymmdd: when the merchant shall have it. */
  readonly dueDay: string
  readonly by: string
  /** The batch that this one takes the place of. */
  readonly replaces?: ActorId
  /** A person wanted what was not due yet as well. */
  readonly isEarly?: true
  /** Of each day what it gave; below zero where a day owed. */
  readonly days: readonly DayAmount[]
}

export type Batch = {
  readonly facts: BatchFacts
  readonly adjustments: readonly (Adjustment & { readonly at: Millis })[]
  readonly bankReference: string
  /** The first bank's file that named it. */
  readonly given?: { readonly amount: Rupiah; readonly by: string; readonly at: Millis }
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

type Words = { readonly reason: string; readonly by: string }

export type SettlementState =
  | { readonly phase: 'absent' }
  | { readonly phase: 'created'; readonly batch: Batch }
  | { readonly phase: 'paid'; readonly batch: Batch; readonly paidAt: Millis }
  | { readonly phase: 'failed' | 'cancelled'; readonly batch: Batch; readonly reason: string }
  | {
      readonly phase: 'reprocessed'
      readonly batch: Batch
      readonly reason: string
      readonly next: ActorId
    }

export type Settlement = {
  state: SettlementState
  command:
    | (Omit<BatchFacts, 'days'> & {
        readonly type: 'create'
        /** Days that are due. */
        readonly days: readonly string[]
        /** Days that are not, and are taken while they stand below zero. */
        readonly owing?: readonly string[]
        readonly adjustments?: readonly Adjustment[]
      })
    | (Adjustment & { readonly type: 'adjust' })
    | { readonly type: 'setReference'; readonly bankReference: string; readonly by: string }
    | {
        readonly type: 'pay'
        readonly bankReference: string
        readonly paidAt: Millis
        readonly by: string
      }
    | { readonly type: 'give'; readonly by: string; readonly isAgain?: boolean }
    | (Words & { readonly type: 'fail' })
    | (Words & { readonly type: 'cancel'; readonly isRecalled?: boolean })
    | { readonly type: 'reprocess'; readonly next: ActorId; readonly by: string }
  event:
    | ({ readonly type: 'created' } & BatchFacts)
    | ({ readonly type: 'adjusted' } & Adjustment)
    | { readonly type: 'reference_set'; readonly bankReference: string; readonly by: string }
    | {
        readonly type: 'paid'
        readonly bankReference: string
        readonly paidAt: Millis
        readonly by: string
        readonly total: Rupiah
      }
    | { readonly type: 'given'; readonly amount: Rupiah; readonly by: string }
    | (Words & { readonly type: 'failed' })
    | (Words & { readonly type: 'cancelled'; readonly isRecalled?: true })
    | { readonly type: 'reprocessed'; readonly next: ActorId; readonly by: string }
  effect: never
  refusal:
    | 'NOT_FOUND'
    | 'DUPLICATE_REF'
    | 'NOTHING_TO_SETTLE'
    | 'BATCH_FINAL'
    | 'BANK_FILE_GIVEN'
    | 'STATUS_INVALID'
    | 'AMOUNT_INVALID'
}

const adjustmentsMax = 100
/** Of more, what is owed and then the oldest; the others are the next batch's. */
const daysMax = 400

export const settlement = actor<Settlement>({
  name: 'settlement',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    create(state, { type: _, days: due, owing = [], adjustments = [], ...facts }, context) {
      const { merchant } = facts
      if (state.phase !== 'absent') {
        return state.batch.facts.merchant === merchant ? accept() : refuse('DUPLICATE_REF')
      }
      const isDue = new Set(due)
      const standing = [...isDue.union(new Set(owing))]
        .sort()
        .map(day => ({ day, amount: context.available(payable(merchant, day)) }))
        .filter(({ day, amount }) => amount < 0 || (amount > 0 && isDue.has(day)))
      const [owed, earned] = [standing.filter(isBelow), standing.filter(one => !isBelow(one))]
      const days = [...owed, ...earned]
        .slice(0, daysMax)
        .sort((one, other) => (one.day < other.day ? -1 : 1))
      const total = sumOf(days) + adjustments.reduce((sum, one) => sum + signed(one), 0)
      if (total <= 0) return refuse('NOTHING_TO_SETTLE', { total })
      return {
        accepted: [
          { type: 'created', ...facts, days },
          ...adjustments.map(one => ({ type: 'adjusted', ...one }) as const),
        ],
        postings: [
          ...days.flatMap(one => dayMove(merchant, one, 'take')),
          ...adjustments.flatMap(one => adjustMove(merchant, one, 'adjust')),
        ],
      }
    },

    adjust(state, { type: _, ...adjustment }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      const { batch } = state
      const { adjustmentId, kind, amount } = adjustment
      const twin = batch.adjustments.find(one => one.adjustmentId === adjustmentId)
      if (twin !== undefined) {
        return twin.kind === kind && twin.amount === amount ? accept() : refuse('DUPLICATE_REF')
      }
      if (state.phase !== 'created') return refuse('BATCH_FINAL')
      if (batch.given !== undefined) return refuseGiven(batch)
      const isAmount = isRupiah(amount) && amount > 0 && amount <= amountMax
      if (!isAmount || batch.adjustments.length >= adjustmentsMax) return refuse('AMOUNT_INVALID')
      const total = totalOf(batch)
      if (total + signed(adjustment) < 0) return refuse('AMOUNT_INVALID', { total })
      return {
        accepted: [{ type: 'adjusted', ...adjustment }],
        postings: adjustMove(batch.facts.merchant, adjustment, 'adjust'),
      }
    },

    setReference(state, { bankReference, by }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      const isSame = state.batch.bankReference === bankReference
      if (isSame && (state.phase === 'created' || state.phase === 'paid')) return accept()
      if (state.phase !== 'created') return refuse('BATCH_FINAL')
      return accept({ type: 'reference_set', bankReference, by })
    },

    pay(state, { type: _, ...told }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (state.phase === 'paid') {
        const isSame = told.bankReference === '' || told.bankReference === state.batch.bankReference
        return isSame ? accept() : refuse('BATCH_FINAL')
      }
      if (state.phase !== 'created') return refuse('BATCH_FINAL')
      const { batch } = state
      const total = totalOf(batch)
      const bankReference = told.bankReference === '' ? batch.bankReference : told.bankReference
      return {
        accepted: [{ type: 'paid', ...told, bankReference, total }],
        postings: move('paid', [batchOf(batch.facts.merchant), payout], total),
      }
    },

    give(state, { by, isAgain = false }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (state.phase !== 'created' && state.phase !== 'paid') return refuse('BATCH_FINAL')
      const { batch } = state
      const isFirst = batch.given === undefined && state.phase === 'created'
      if (!isFirst && !isAgain) return refuseGiven(batch)
      return accept({ type: 'given', amount: totalOf(batch), by })
    },

    fail: (state, { reason, by }) => ended(state, { type: 'failed', reason, by }),
    cancel(state, { reason, by, isRecalled = false }) {
      const isOut = state.phase === 'created' && state.batch.given !== undefined
      if (isOut && !isRecalled) return refuseGiven(state.batch)
      const word = isOut ? { isRecalled: true as const } : {}
      return ended(state, { type: 'cancelled', reason, by, ...word })
    },

    reprocess(state, { next, by }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (state.phase === 'reprocessed') {
        return state.next === next ? accept() : refuse('BATCH_FINAL')
      }
      if (state.phase !== 'failed' && state.phase !== 'cancelled') return refuse('STATUS_INVALID')
      return accept({ type: 'reprocessed', next, by })
    },
  },

  evolve: {
    created(state, { type: _, ...facts }, at) {
      assert(state.phase === 'absent', 'SLA6: a batch is made once')
      const times = { createdAt: at, updatedAt: at }
      return { phase: 'created', batch: { facts, adjustments: [], bankReference: '', ...times } }
    },
    adjusted(state, { type: _, ...adjustment }, at) {
      const batch = open(state)
      const adjustments = [...batch.adjustments, { ...adjustment, at }]
      return { phase: 'created', batch: { ...batch, adjustments, updatedAt: at } }
    },
    reference_set(state, { bankReference }, at) {
      // A paid one in journals of before SLA3 held for names as well.
      assert(state.phase === 'created' || state.phase === 'paid', 'SLA3: a live batch is named')
      return { ...state, batch: { ...state.batch, bankReference, updatedAt: at } }
    },
    paid(state, { bankReference, paidAt, total }, at) {
      const batch = open(state)
      assert(total === totalOf(batch), 'SLA3: what is paid is what the batch holds')
      return { phase: 'paid', batch: { ...batch, bankReference, updatedAt: at }, paidAt }
    },
    given(state, { amount, by }, at) {
      assert(state.phase === 'created' || state.phase === 'paid', 'SLA7: a live batch is given')
      const { batch } = state
      assert(amount === totalOf(batch), 'SLA7: a file has what the batch holds')
      return {
        ...state,
        batch: { ...batch, given: batch.given ?? { amount, by, at }, updatedAt: at },
      }
    },
    failed: (state, { reason }, at) => over(state, 'failed', { reason, at }),
    cancelled: (state, { reason }, at) => over(state, 'cancelled', { reason, at }),
    reprocessed(state, { next }, at) {
      assert(state.phase === 'failed' || state.phase === 'cancelled', 'SLA4: it gave all back')
      const { batch, reason } = state
      return { phase: 'reprocessed', batch: { ...batch, updatedAt: at }, reason, next }
    },
  },

  react: {},
  resume: {},
  timers: () => [],
  // Whether the bank has paid, a person says.
  rest: state => (state.phase === 'created' ? 'person' : 'final'),
})

const signed = ({ kind, amount }: Pick<Adjustment, 'kind' | 'amount'>): Rupiah =>
  kind === 'credit' ? amount : -amount

const isBelow = ({ amount }: DayAmount): boolean => amount < 0

const sumOf = (days: readonly DayAmount[]): Rupiah =>
  days.reduce((sum, { amount }) => sum + amount, 0)

/** What the merchant gets. */
export const totalOf = ({ facts, adjustments }: Pick<Batch, 'facts' | 'adjustments'>): Rupiah =>
  sumOf(facts.days) + adjustments.reduce((sum, one) => sum + signed(one), 0)

function refuseGiven({ given }: Batch): Decision<Settlement> {
  if (given === undefined) return refuse('BANK_FILE_GIVEN')
  const { by, at } = given
  return refuse('BANK_FILE_GIVEN', { given_to: by, given_at: new Date(at).toISOString() })
}

function ended(
  state: SettlementState,
  event: Extract<Settlement['event'], { type: 'failed' | 'cancelled' }>,
): Decision<Settlement> {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  if (state.phase === event.type) return accept()
  if (state.phase !== 'created') return refuse('BATCH_FINAL')
  const { facts, adjustments } = state.batch
  return {
    accepted: [event],
    postings: [
      ...facts.days.flatMap(one => dayMove(facts.merchant, one, 'give back')),
      ...adjustments.flatMap(one => adjustMove(facts.merchant, one, 'unadjust')),
    ],
  }
}

function open(state: SettlementState): Batch {
  assert(state.phase === 'created', 'SLA3: only an open batch changes')
  return state.batch
}

function over(
  state: SettlementState,
  phase: 'failed' | 'cancelled',
  { reason, at }: { readonly reason: string; readonly at: Millis },
): SettlementState {
  const batch = open(state)
  return { phase, batch: { ...batch, updatedAt: at }, reason }
}

const move = (
  name: string,
  [debit, credit]: readonly [string, string],
  amount: Rupiah,
): readonly Posting[] => (amount === 0 ? [] : [{ op: 'move', name, debit, credit, amount }])

function dayMove(
  merchant: ActorId,
  { day, amount }: DayAmount,
  way: 'take' | 'give back',
): readonly Posting[] {
  const sides = [payable(merchant, day), batchOf(merchant)] as const
  const isOut = amount > 0 === (way === 'take')
  return move(way, isOut ? sides : [sides[1], sides[0]], Math.abs(amount))
}

function adjustMove(
  merchant: ActorId,
  { kind, amount }: Adjustment,
  way: 'adjust' | 'unadjust',
): readonly Posting[] {
  const sides = [merchantAdjustment, batchOf(merchant)] as const
  const isIn = (kind === 'credit') === (way === 'adjust')
  return move(way, isIn ? sides : [sides[1], sides[0]], amount)
}

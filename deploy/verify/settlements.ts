/**
 * Settlement batches: what each took of its merchant's days, and where that went.
 *
 *   created: payable:<day> ─▶ batch      paid: batch ─▶ payout      failed, cancelled: back
 *
 * Z40. A batch stands under the key of its merchant and reference, in his shard; it is made once,
 *      ends once, and only what failed or was cancelled is made again elsewhere.
 * Z41. It takes all that stands on its days, and what is above zero as a whole; its postings are
 *      what its events say, and what it pays is what it holds.
 * Z62. A bank's file has what the batch holds; after that nothing is added to it, and it is cancelled
 *      only where somebody said that the file is recalled.
 */

import { Booked, md5 } from './booked.ts'
import { type Body, type Event, fingerprint, type Line, shardOf } from './chain.ts'
import { compareMoney, moved } from './payments.ts'
import type { Place, Problems } from './problems.ts'
import { kept } from './rows.ts'

type Day = { readonly day: string; readonly amount: number }
type Adjustment = {
  readonly kind: string
  readonly amount: number
  /** As its row says it. */
  readonly words: string
}

export class Settlement {
  phase: 'absent' | 'created' | 'paid' | 'failed' | 'cancelled' | 'reprocessed' = 'absent'
  merchant = ''
  reference = ''
  bankReference = ''
  createdAt = 0
  updatedAt = 0
  days: readonly Day[] = []
  adjustments: readonly Adjustment[] = []
  isGiven = false
  dueDay = ''
  reason = ''
  replaces: string | null = null
  next: string | null = null
  by = ''
  paidAt: number | null = null
  givenBy: string | null = null
  givenAt: number | null = null
  readonly booked = new Booked()

  get isLive(): boolean {
    return this.phase === 'created'
  }

  get adjusted(): number {
    return this.adjustments.reduce((sum, one) => sum + signed(one), 0)
  }

  get total(): number {
    return this.days.reduce((sum, { amount }) => sum + amount, 0) + this.adjusted
  }
}

type About = {
  readonly line: Line
  readonly at: number
  readonly place: Place
  readonly problems: Problems
}

export function readSettlement(
  settlement: Settlement,
  line: Line,
  body: Body,
  problems: Problems,
): void {
  const place = { shard: line.shard, seq: line.seq, actor: body.id }
  const { at } = body
  const wanted: string[] = []
  for (const event of body.e) {
    const isKnown = Object.hasOwn(readings, event.type)
    if (!isKnown) problems.add('settlement.event', place, `there is no ${event.type} of a batch`)
    else wanted.push(...readings[event.type]!(settlement, event, { line, at, place, problems }))
    if (event.type === 'created') settlement.createdAt = body.at
    settlement.updatedAt = body.at
  }
  const entries = body.p ?? []
  settlement.booked.read(line, body, settlement.merchant)
  compareMoney(wanted, entries, { what: 'settlement.money', place, problems })
  if (settlement.phase !== 'created') return
  if (settlement.total < 0 || (body.c === 'create' && settlement.total === 0)) {
    problems.add('settlement.money', place, `a batch of ${settlement.total}`)
  }
  for (const [, name, debit, credit, , debitAfter, creditAfter] of entries) {
    const after = debit.startsWith('payable:') ? debitAfter[0] : creditAfter[0]
    const isDay = debit.startsWith('payable:') || credit.startsWith('payable:')
    if (name === 'take' && isDay && after !== 0) {
      problems.add('settlement.money', place, `${after} was left on a day`)
    }
  }
}

const signed = ({ kind, amount }: Adjustment): number => (kind === 'credit' ? amount : -amount)

/** Gives back the postings that the event wants. */
type Reading = (settlement: Settlement, event: Event, about: About) => readonly string[]

const batch = ({ merchant }: Settlement): string => `batch:${merchant}`

function dayMoves(settlement: Settlement, isTaken: boolean): readonly string[] {
  return settlement.days.flatMap(({ day, amount }) => {
    const books = `payable:${settlement.merchant}:${day}`
    const isOut = amount > 0 === isTaken
    return isOut
      ? moved(books, batch(settlement), Math.abs(amount))
      : moved(batch(settlement), books, Math.abs(amount))
  })
}

function adjustMoves(settlement: Settlement, one: Adjustment, isMade: boolean): readonly string[] {
  const isIn = (one.kind === 'credit') === isMade
  return isIn
    ? moved('merchant_adjustment', batch(settlement), one.amount)
    : moved(batch(settlement), 'merchant_adjustment', one.amount)
}

const readings: Readonly<Record<string, Reading>> = {
  created(settlement, { merchant, reference, days, ...more }, { line, place, problems }) {
    if (settlement.phase !== 'absent') problems.add('settlement.event', place, 'made a second time')
    const isKey = line.key === fingerprint('settlement', merchant, `batch:${reference}`)
    if (!isKey || shardOf(merchant) !== line.shard) {
      problems.add('settlement.key', place, `${reference} of ${merchant} is not here`)
    }
    settlement.phase = 'created'
    settlement.merchant = merchant
    settlement.reference = reference
    settlement.days = days
    settlement.dueDay = more['dueDay']
    settlement.replaces = more['replaces'] ?? null
    settlement.by = kept(more['by'])
    return dayMoves(settlement, true)
  },
  adjusted(settlement, { kind, amount, ...more }, { at, place, problems }) {
    if (settlement.phase !== 'created') {
      problems.add('settlement.event', place, `adjusted when it was ${settlement.phase}`)
    }
    if (settlement.isGiven) problems.add('settlement.event', place, 'adjusted after its file')
    const { adjustmentId: id, reason, by } = more
    const words = [kept(id), kind, amount, at, md5(kept(reason), kept(by))].join(' ')
    const one = { kind, amount: Number(amount), words }
    settlement.adjustments = [...settlement.adjustments, one]
    return adjustMoves(settlement, one, true)
  },
  reference_set(settlement, { bankReference }, { place, problems }) {
    if (settlement.phase !== 'created' && settlement.phase !== 'paid') {
      problems.add('settlement.event', place, `named when it was ${settlement.phase}`)
    }
    settlement.bankReference = bankReference
    return []
  },
  paid(settlement, { total, bankReference, paidAt }, { place, problems }) {
    settlement.paidAt = paidAt ?? null
    end(settlement, 'paid', { place, problems })
    if (total !== settlement.total) {
      problems.add('settlement.money', place, `${total} is paid of ${settlement.total}`)
    }
    settlement.bankReference = bankReference ?? settlement.bankReference
    return moved(batch(settlement), 'payout', settlement.total)
  },
  given(settlement, { amount, by }, { at, place, problems }) {
    settlement.givenBy ??= kept(by)
    settlement.givenAt ??= at
    if (settlement.phase !== 'created' && settlement.phase !== 'paid') {
      problems.add('settlement.event', place, `in a bank's file when it was ${settlement.phase}`)
    }
    if (amount !== settlement.total) {
      problems.add('settlement.money', place, `${amount} is in a file of ${settlement.total}`)
    }
    settlement.isGiven = true
    return []
  },
  failed: givesBack('failed'),
  cancelled(settlement, event, about) {
    const { place, problems } = about
    if (settlement.isGiven && event['isRecalled'] !== true) {
      problems.add('settlement.event', place, 'cancelled while the bank has its file')
    }
    return givesBack('cancelled')(settlement, event, about)
  },
  reprocessed(settlement, { next }, { place, problems }) {
    settlement.next = next
    if (settlement.phase !== 'failed' && settlement.phase !== 'cancelled') {
      problems.add('settlement.event', place, `made again when it was ${settlement.phase}`)
    }
    settlement.phase = 'reprocessed'
    return []
  },
}

function givesBack(phase: 'failed' | 'cancelled'): Reading {
  return (settlement, { reason }, { place, problems }) => {
    end(settlement, phase, { place, problems })
    settlement.reason = kept(reason ?? '')
    return [
      ...dayMoves(settlement, false),
      ...settlement.adjustments.flatMap(one => adjustMoves(settlement, one, false)),
    ]
  }
}

function end(
  settlement: Settlement,
  phase: 'paid' | 'failed' | 'cancelled',
  { place, problems }: Pick<About, 'place' | 'problems'>,
): void {
  if (settlement.phase !== 'created') {
    problems.add('settlement.event', place, `${phase} when it was ${settlement.phase}`)
  }
  settlement.phase = phase
}

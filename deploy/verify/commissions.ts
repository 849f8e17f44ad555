/**
 * What uplines earned of orders, one actor per order and level, in the shard of who earns.
 *
 *   paid       commission ─▶ wallet, and what he owes: commission ─▶ clawback
 *   reversed   wallet ─▶ commission, and what the wallet lacks: clawback ─▶ commission
 *
 * Z27. A commission is paid once, under the key that its order and level give, and taken back once,
 *      as much as was paid and from the same upline.
 * Z28. Its postings are what its event says: nobody pays back more than he owes, and nothing is
 *      owed while the wallet still has some.
 */

import { type Body, type Entry, type Event, fingerprint, type Line, shardOf } from './chain.ts'
import type { Place, Problems } from './problems.ts'

export class Commission {
  /** The line that paid it: order, level, upline, amount. */
  paid: string | null = null
  isReversed = false
  order = ''
  level = 0
  user = ''
  amount = 0
  /** Of what was paid, so much he owed; of what was taken back, so much he did not have. */
  kept = 0
  owed = 0
}

export function readCommission(
  commission: Commission,
  line: Line,
  body: Body,
  problems: Problems,
): void {
  const place = { shard: line.shard, seq: line.seq, actor: body.id }
  for (const event of body.e) {
    const { type, order, level, user, amount } = event
    const words = [order, level, user, amount].join(' ')
    if (type === 'paid') {
      if (commission.paid !== null) problems.add('commission.again', place, 'paid a second time')
      commission.paid = words
      Object.assign(commission, { order, level, user, amount, kept: event['kept'] ?? 0 })
      const isKey = line.key === fingerprint('commission', order, String(level))
      if (!isKey || shardOf(user) !== line.shard) {
        problems.add('commission.key', place, `level ${level} of ${order} for ${user} is not here`)
      }
    } else if (type === 'reversed') {
      if (commission.paid === null) problems.add('commission.unpaid', place, 'was never paid')
      else if (commission.paid !== words) {
        problems.add(
          'commission.changed',
          place,
          `${commission.paid} was paid, ${words} taken back`,
        )
      }
      if (commission.isReversed) {
        problems.add('commission.again', place, 'taken back a second time')
      }
      commission.isReversed = true
      commission.owed = event['owed'] ?? 0
    } else {
      problems.add('commission.changed', place, `there is no ${type} of a commission`)
      continue
    }
    checkMoney(event, body.p ?? [], { place, problems })
  }
}

function checkMoney(
  { type, user, amount, kept = 0, owed = 0 }: Event,
  entries: readonly Entry[],
  { place, problems }: { place: Place; problems: Problems },
): void {
  const [wallet, debt] = [`wallet:${user}`, `clawback:${user}`]
  const wanted =
    type === 'paid'
      ? [
          ['commission', wallet, amount - kept],
          ['commission', debt, kept],
        ]
      : [
          [wallet, 'commission', amount - owed],
          [debt, 'commission', owed],
        ]
  const due = wanted.filter(([, , rupiah]) => rupiah !== 0).map(one => ['move', ...one].join(' '))
  const made = entries.map(([op, , debit, credit, rupiah]) => [op, debit, credit, rupiah].join(' '))
  if (due.join() !== made.join()) {
    problems.add('commission.money', place, `should be ${due.join(', ')}: is ${made.join(', ')}`)
  }
  for (const [, , debit, credit, , debitAfter, creditAfter] of entries) {
    const isTooMuch =
      credit === debt && (creditAfter[0] > 0 || (kept < amount && creditAfter[0] !== 0))
    const isTooLittle = debit === wallet && owed > 0 && debitAfter[0] - debitAfter[1] > 0
    if (isTooMuch || isTooLittle) {
      const text = `${kept} kept and ${owed} owed of ${amount} is not what ${user} owed or had`
      problems.add('commission.money', place, text)
    }
  }
}

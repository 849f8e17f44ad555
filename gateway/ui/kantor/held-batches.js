/** Batch by batch: what it says, what is in it, what is booked for it, and what the bank did. */

import { h } from '../kit/dom.js'
import { bookDay, dayOf, rupiah } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { soft } from './cells.js'
import { call, names } from './desk.js'
import { batchTones } from './settlements.js'
import { settlements, held as words } from './text-money.id.js'

export const heldDoor = '/admin/reconciliation/settlement-batches'

/** `status()`: only those, empty for all. */
export function heldBatches(status) {
  let known = null
  return pagedList({
    label: words.title,
    shape: 'held',
    head: h(
      'div',
      { class: 'heldhead', 'aria-hidden': 'true' },
      heads.map(name => h('span', null, name)),
    ),
    row: batch => heldRow(batch, known),
    empty: () => h('p', null, status() === '' ? settlements.empty : words.nothing),
    async load(cursor) {
      const [answer, found] = await Promise.all([
        call('GET', `${heldDoor}${asking({ limit: 10, cursor, status: status() })}`),
        names(),
      ])
      known = found
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
}

const heads = [
  ...[settlements.merchant, '', words.total],
  ...[words.lines, words.ledger, words.bank, words.file],
]

function heldRow(batch, known) {
  const isLive = batch.status === 'created' || batch.status === 'paid'
  const money = amount => (isLive && amount !== null ? rupiah(amount) : words.none)
  const { tone, says } = verdict(batch)
  return h(
    'a',
    { class: 'row', href: `#/pencairan/${batch.settlement_batch_id}` },
    h('span', null, h('b', null, known.merchant(batch.merchant_id)), ' ', soft(whenWords(batch))),
    pill(tone, says),
    cell(words.total, rupiah(batch.total)),
    cell(words.lines, money(batch.lines), isLive && batch.lines !== batch.total),
    cell(words.ledger, money(batch.ledger), isLive && batch.ledger !== batch.total),
    cell(words.bank, money(batch.bank), batch.bank !== null && batch.bank !== batch.total),
    cell(words.file, statementWords(batch.statement)),
  )
}

const whenWords = ({ due_day: due, bank_reference: bank }) =>
  [bookDay(due), bank].filter(Boolean).join(' · ')

const cell = (name, value, isOdd = false) =>
  h(
    'span',
    { class: 'cell', 'data-odd': isOdd ? 'true' : null },
    h('span', { class: 'soft' }, name),
    h('span', null, value),
  )

/** What there is to say of it in two words. */
export function verdict({ status, bank, breaks }) {
  if (breaks.length > 0) return { tone: 'bad', says: words.breaks(breaks.length) }
  if (status !== 'paid') return { tone: batchTones[status], says: settlements.statuses[status] }
  return bank === null ? { tone: 'warn', says: words.unread } : { tone: 'good', says: words.same }
}

/** Of the bank's file from which the word on a batch was read. */
export const statementWords = statement =>
  statement === null
    ? words.none
    : words.read(statement.source, dayOf(`${statement.day}T12:00:00+07:00`))

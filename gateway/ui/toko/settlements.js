/** Where the shop's money is on its way to the bank: what is owed, when it comes, what came. */

import { fill, h } from '../kit/dom.js'
import { bookDay, rupiah, timeOf } from '../kit/format.js'
import { pagedList, skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { call } from './desk.js'
import { open as openBatch } from './settlement.js'
import { settlements as words } from './text-shop.id.js'

export const batchTones = {
  ...{ created: 'warn', paid: 'good', failed: 'bad', cancelled: 'soft', reprocessed: 'soft' },
}

export function open(page) {
  if (page.rest !== '') return openBatch(page)
  const { node, title } = page
  title(words.title)
  const sum = h('output', { class: 'big' }, '–')
  const under = h('p', { class: 'small' })
  const days = h('div', null, skeleton(2))
  const list = pagedList({
    label: words.list,
    row: batchRow,
    empty: () => h('p', null, words.empty),
    async load(cursor) {
      const asked = asking({ limit: 20, cursor })
      const answer = await call('GET', `/merchant/settlement-batches${asked}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  node.append(
    h(
      'section',
      { class: 'purse', 'aria-label': words.owed },
      h('p', null, words.owed),
      sum,
      under,
    ),
    days,
    h('section', null, h('h2', null, words.list), list.node),
  )
  void look()
  void list.again()

  async function look() {
    const answer = await call('GET', '/merchant/settlement-summary')
    if (!answer.ok) return fill(days, trouble(answer.sentence, look))
    const { owed, due_now: due, in_batches: inBatches } = answer.data
    sum.textContent = rupiah(owed + inBatches)
    under.textContent = [due > 0 && words.due(due), inBatches > 0 && words.under(inBatches)]
      .filter(Boolean)
      .join(' · ')
    const rows = answer.data.days.filter(one => one.amount !== 0)
    fill(
      days,
      rows.length === 0
        ? owed + inBatches === 0 && h('p', { class: 'soft' }, words.nothingDue)
        : [
            h('h2', null, words.days),
            h('ul', { class: 'rows', 'aria-label': words.days }, rows.map(dayRow)),
          ],
    )
  }
}

const dayRow = ({ day, amount, due_day: due }) =>
  h(
    'li',
    null,
    h(
      'div',
      { class: 'row' },
      h('b', null, bookDay(day)),
      h('span', { class: 'money' }, rupiah(amount)),
      h('span', { class: 'soft' }, words.dueOn(bookDay(due))),
    ),
  )

const batchRow = batch =>
  h(
    'a',
    { class: 'row', href: `#/pencairan/${batch.settlement_batch_id}` },
    h('b', { class: 'money' }, rupiah(batch.total)),
    pill(batchTones[batch.status], words.status[batch.status]),
    h('span', { class: 'soft' }, timeOf(batch.paid_at ?? batch.created_at)),
  )

/** Every posting in merchants' books, newest first: what was booked, for what, from where to where. */

import { h } from '../kit/dom.js'
import { dayBegan, rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { cells, filters, money, soft, strong } from './cells.js'
import { call, names } from './desk.js'
import { payments, usual } from './text.id.js'
import { ledger as words } from './text-money.id.js'

const daysOf = { today: 0, week: 6, month: 29 }
const places = { payment: 'transaksi', settlement: 'pencairan' }

export async function open({ node, query, title }) {
  title(words.title)
  const known = await names()
  const pairs = known.merchants.map(one => [one.merchant_id, one.name])
  const bar = filters(
    query,
    [
      ['kapan', payments.period, Object.entries(payments.periods), 'week'],
      ['merchant', words.merchant, [['', usual.all], ...pairs]],
    ],
    again,
  )
  const list = pagedList({
    label: words.title,
    shape: 'c4',
    row: entryRow,
    empty: () => h('p', null, bar.isNarrow() ? usual.nothing : words.empty),
    async load(cursor) {
      const days = daysOf[bar.value('kapan')]
      const asked = {
        ...{ limit: 50, cursor, merchant_id: bar.value('merchant') },
        from: days === undefined ? '' : dayBegan(days),
      }
      const answer = await call('GET', `/admin/ledger-entries${asking(asked)}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  node.append(h('p', { class: 'soft' }, words.intro), bar.node, list.node)
  void list.again()

  function again() {
    remember('buku', bar.values())
    void list.again()
  }

  function entryRow(entry) {
    const place = places[entry.subject]
    return cells(
      place === undefined ? null : `#/${place}/${entry.subject_id}`,
      strong(words.types[entry.type] ?? entry.type),
      money(rupiah(entry.amount)),
      soft(known.merchant(entry.merchant_id)),
      soft(timeOf(entry.at)),
      h('span', { class: 'soft wide' }, words.moved(entry.debit, entry.credit)),
    )
  }
}

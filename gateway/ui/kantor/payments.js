/** Every payment of every merchant, narrowed by when, how and whose. */

import { h } from '../kit/dom.js'
import { dayBegan } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { watch } from '../kit/watch.js'
import { filters } from './cells.js'
import { call, names } from './desk.js'
import { open as openPayment } from './payment.js'
import { paymentRow } from './payment-row.js'
import { usual, payments as words } from './text.id.js'

const daysOf = { today: 0, week: 6, month: 29 }

export async function open(page) {
  if (page.rest !== '') return openPayment(page)
  const { node, query, title, signal } = page
  title(words.title)
  const any = [['', usual.all]]
  const known = await names()
  const bar = filters(
    query,
    [
      ['kapan', words.period, Object.entries(words.periods), 'all'],
      ['status', words.status, [...any, ...Object.entries(words.statuses)]],
      ['suara', words.sound, [...any, ...Object.entries(words.sounds)]],
      ['merchant', words.merchant, [...any, ...known.merchants.map(pairOf)]],
    ],
    again,
  )
  const list = pagedList({
    label: words.title,
    shape: 'c5',
    row: paymentRow(() => known),
    keyOf: payment => payment.transaction_id,
    empty: () => h('p', null, bar.isNarrow() ? usual.nothing : words.empty),
    async load(cursor) {
      const days = daysOf[bar.value('kapan')]
      const asked = {
        ...{ limit: 25, cursor, status: bar.value('status'), sound: bar.value('suara') },
        ...{ merchant_id: bar.value('merchant') },
        from: days === undefined ? '' : dayBegan(days),
      }
      const answer = await call('GET', `/admin/transactions${asking(asked)}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  node.append(bar.node, list.node)
  void list.again()
  watch(async () => scrollY > 400 || (await list.renew()).ok, { node, signal, pauseMs: 4_000 })

  function again() {
    remember('transaksi', bar.values())
    void list.again()
  }
}

const pairOf = one => [one.merchant_id, one.name]

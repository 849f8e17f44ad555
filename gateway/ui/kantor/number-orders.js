/** Rented numbers of everybody, narrowed by how they stand, when, and how the number ends. */

import { h } from '../kit/dom.js'
import { dayBegan, rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { watch } from '../kit/watch.js'
import { cells, money, soft, strong } from './cells.js'
import { call } from './desk.js'
import { open as openOrder } from './number-order.js'
import { numberWays, root } from './number-ways.js'
import { seeking } from './seeking.js'
import { usual } from './text.id.js'
import { statuses, orders as words } from './text-number.id.js'

export const orderTones = {
  ...{ processing: 'warn', waiting: 'warn', otp_received: 'good', finished: 'good' },
  ...{ cancelling: 'warn', refunded: 'soft', expired: 'soft', checking: 'bad' },
}
const daysOf = { today: 0, week: 6 }

export function open(page) {
  if (page.rest !== '') return openOrder(page)
  const { node, query, title, signal } = page
  title(words.title)
  const user = query.get('pengguna') ?? ''
  const any = ['', usual.all]
  const bar = seeking(
    query,
    {
      ...{ name: 'nomor', label: words.number, placeholder: words.numberLike },
      ...{ inputmode: 'numeric', maxlength: 20 },
    },
    [
      ['kapan', words.period, Object.entries(words.periods), user === '' ? 'week' : 'all'],
      ['status', words.status, [any, ...Object.entries(statuses)]],
      ['mana', words.which, [any, ...Object.entries(words.whichOnes)]],
    ],
    again,
  )
  const digits = () => bar.sought().replace(/\D/g, '')
  const list = pagedList({
    label: words.title,
    shape: 'c5',
    row: orderRow,
    keyOf: order => order.order_id + order.status,
    empty: () => h('p', null, bar.isNarrow() ? usual.nothing : words.empty),
    async load(cursor) {
      const days = daysOf[bar.value('kapan')]
      const which = bar.value('mana')
      const asked = {
        ...{ limit: 25, cursor, status: bar.value('status'), user_id: user },
        number: digits().length < 3 ? '' : digits(),
        from: days === undefined ? '' : dayBegan(days),
        ...(which === '' ? {} : { [which]: true }),
      }
      const answer = await call('GET', `${root}/orders${asking(asked)}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  node.append(
    numberWays('nomor-order'),
    bar.node,
    user === '' ? '' : h('p', { class: 'soft' }, words.ofUser),
    list.node,
  )
  void list.again()
  watch(async () => scrollY > 400 || (await list.renew()).ok, { node, signal, pauseMs: 5_000 })

  function again() {
    const few = digits() !== '' && digits().length < 3
    bar.search.say(few ? words.numberShort : '')
    remember('nomor-order', { ...bar.values(), nomor: digits(), pengguna: user })
    void list.again()
  }
}

export const orderRow = order =>
  cells(
    `#/nomor-order/${order.order_id}`,
    strong(order.service_name),
    pill(orderTones[order.status], statuses[order.status]),
    soft([order.number ?? words.noNumber, order.country_name, timeOf(order.placed_at)].join(' · ')),
    money(rupiah(order.price)),
  )

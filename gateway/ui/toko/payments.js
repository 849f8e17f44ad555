/** Every payment, newest first, found again by when, how and where. */

import { h } from '../kit/dom.js'
import { field, select } from '../kit/field.js'
import { dayBegan } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { watch } from '../kit/watch.js'
import { call, live, terminals } from './desk.js'
import { open as openPayment } from './payment.js'
import { paymentRow } from './payment-row.js'
import { status as statuses, payments as words } from './text.id.js'

const daysOf = { today: 0, week: 6, month: 29 }

export function open(page) {
  if (page.rest !== '') return openPayment(page)
  const { node, query, title, signal } = page
  title(words.title)
  const pick = (name, label, options) => {
    const control = select(options, query.get(name) ?? options[0][0])
    control.addEventListener('change', again)
    return { name, control, node: field(label, control).node }
  }
  const any = [['', words.all]]
  const filters = [
    pick('kapan', words.period, Object.entries(words.periods)),
    pick('status', words.status, [...any, ...Object.entries(statuses)]),
    pick('suara', words.sound, [...any, ...Object.entries(words.sounds)]),
    pick('terminal', words.terminal, any),
  ]
  const [period, status, sound, terminal] = filters.map(one => one.control)
  const isNarrow = () => filters.some(({ control }) => control.selectedIndex > 0)
  const list = pagedList({
    label: words.label,
    row: paymentRow,
    keyOf: payment => payment.transaction_id,
    empty: () => h('p', null, isNarrow() ? words.nothing : words.empty),
    async load(cursor) {
      const days = daysOf[period.value]
      const asked = {
        ...{ limit: 25, cursor, status: status.value, sound: sound.value },
        ...{ terminal_id: terminal.value, from: days === undefined ? '' : dayBegan(days) },
      }
      const answer = await call('GET', `/merchant/transactions${asking(asked)}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  node.append(
    h(
      'div',
      { class: 'filters four' },
      filters.map(one => one.node),
    ),
    list.node,
  )
  void begin()
  // Whoever has paged down is not thrown back to the top by somebody's payment.
  watch(async () => scrollY > 400 || (await list.renew()).ok, { node, signal, live })

  /** The terminals' names come first: one of them may have been chosen. */
  async function begin() {
    const chosen = query.get('terminal')
    if (chosen !== null) await nameTerminals()
    else void nameTerminals()
    terminal.value = chosen ?? ''
    void list.again()
  }

  async function nameTerminals() {
    const { ok, data } = await terminals()
    if (!ok) return
    terminal.append(...data.rows.map(one => h('option', { value: one.terminal_id }, one.label)))
  }

  function again() {
    remember(
      'transaksi',
      Object.fromEntries(filters.map(({ name, control }) => [name, control.value])),
    )
    void list.again()
  }
}

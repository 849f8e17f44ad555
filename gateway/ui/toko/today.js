/**
 * What came in today, by itself: the sum, the latest payments with how they were heard, and what
 * needs a look.
 *
 * WPE1. A new payment appears without anybody's doing, and is said aloud to whoever listens.
 */

import { fill, h } from '../kit/dom.js'
import { dayBegan, rupiah } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { watch } from '../kit/watch.js'
import { call, live, session } from './desk.js'
import { paymentRow } from './payment-row.js'
import { nav, today as words } from './text.id.js'

const latestMax = 10
const boxesMs = 30_000
const isIncome = ({ status }) => ['PAID', 'PAID_LATE', 'PARTLY_REFUNDED'].includes(status)
const isIn = ({ paid_at: paid }) => paid !== null

export function open({ node, title, signal }) {
  title(session.user.shop.name)
  const sum = h('output', { class: 'big' }, '–')
  const tally = h('p', { class: 'small' })
  const link = h('p', { class: 'small live', role: 'status' }, words.live)
  const said = h('p', { class: 'unseen', role: 'status' })
  const warning = h('div')
  let heard = null
  const list = pagedList({
    label: words.latest,
    row: paymentRow,
    keyOf: payment => payment.transaction_id + payment.status,
    empty: () => h('p', null, words.empty),
    async load() {
      const asked = asking({ limit: latestMax, from: dayBegan(0) })
      const answer = await call('GET', `/merchant/transactions${asked}`)
      link.textContent = answer.ok ? words.live : words.lost
      link.classList.toggle('lost', !answer.ok)
      if (answer.ok) notice(answer.data.rows)
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  node.append(
    h(
      'section',
      { class: 'purse', 'aria-label': words.income },
      h('p', null, words.income),
      sum,
      tally,
      h('p', { class: 'ways' }, h('a', { href: '#/qr', class: 'button' }, nav.qr), link),
    ),
    said,
    warning,
    h(
      'section',
      null,
      h(
        'div',
        { class: 'head' },
        h('h2', null, words.latest),
        h('a', { href: '#/transaksi' }, words.all),
      ),
      list.node,
    ),
  )
  void list.again()
  void lookAtBoxes()
  watch(async () => (await list.renew()).ok, { node, signal, live })
  watch(lookAtBoxes, { node, signal, pauseMs: boxesMs })

  /** What is new since the last look; the sum is asked for when something is. */
  function notice(rows) {
    const paid = new Map(rows.filter(isIn).map(row => [row.transaction_id, row]))
    const fresh =
      heard === null ? [] : [...paid.values()].filter(row => !heard.has(row.transaction_id))
    if (heard === null || fresh.length > 0) void count()
    heard = new Set([...(heard ?? []), ...paid.keys()])
    if (fresh.length > 0) said.textContent = words.fresh(fresh[0].amount)
  }

  async function count() {
    const answer = await call('GET', '/merchant/dashboard/summary')
    if (!answer.ok) return
    const rows = answer.data.today.rows.filter(isIncome)
    const total = key => rows.reduce((all, row) => all + row[key], 0)
    sum.textContent = rupiah(total('amount'))
    tally.textContent = total('count') === 0 ? words.none : words.tally(total('count'))
  }

  async function lookAtBoxes() {
    const answer = await call('GET', '/merchant/devices')
    if (!answer.ok) return false
    const silent = answer.data.rows.filter(box => !box.health.online)
    fill(
      warning,
      silent.length > 0 &&
        h(
          'div',
          { class: 'banner' },
          h('p', null, words.quietBox(silent.length)),
          h('p', { class: 'ways' }, h('a', { href: '#/kotak' }, words.seeBoxes)),
        ),
    )
    return true
  }
}

/**
 * What came in today, by itself: the sum, the latest payments with how they were heard, and what
 * needs a look.
 *
 * WPE1. A new payment appears without anybody's doing, and is said aloud to whoever listens.
 * WPE2. Payments that no box was heard to say, or that wait for its summary, are told above them.
 */

import { fill, h } from '../kit/dom.js'
import { dayBegan, rupiah } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { watch } from '../kit/watch.js'
import { call, live, session, shopNow } from './desk.js'
import { paymentRow } from './payment-row.js'
import { closedWords, nav, today as words } from './text.id.js'

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
  const warnings = h('div')
  let boxes = []
  let unheard = 0
  let heard = null
  let summed = ''
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
    warnings,
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
  void shopNow().then(warn)
  watch(async () => (await list.renew()).ok, { node, signal, live })
  watch(lookAtBoxes, { node, signal, pauseMs: boxesMs })

  /** What is new since the last look; the sums are asked for when something is. */
  function notice(rows) {
    const paid = new Map(rows.filter(isIn).map(row => [row.transaction_id, row]))
    const fresh =
      heard === null ? [] : [...paid.values()].filter(row => !heard.has(row.transaction_id))
    const shown = dayBegan(0) + JSON.stringify(rows)
    if (shown !== summed) void count()
    summed = shown
    heard = new Set([...(heard ?? []), ...paid.keys()])
    if (fresh.length > 0) said.textContent = words.fresh(fresh[0].amount)
  }

  async function count() {
    const answer = await call('GET', '/merchant/dashboard/summary')
    if (!answer.ok) return void (summed = '')
    const rows = answer.data.today.rows.filter(isIncome)
    const total = key => rows.reduce((all, row) => all + row[key], 0)
    sum.textContent = rupiah(total('amount'))
    tally.textContent = total('count') === 0 ? words.none : words.tally(total('count'))
    unheard = answer.data.today.rows.reduce((all, row) => all + row.silent, 0)
    warn()
  }

  async function lookAtBoxes() {
    const answer = await call('GET', '/merchant/devices')
    if (!answer.ok) return false
    boxes = answer.data.rows
    warn()
    return true
  }

  /** A shop that has no box misses none. */
  function warn() {
    const away = boxes.filter(box => !box.health.online).length
    const missed = boxes.reduce((all, box) => all + box.missed, 0)
    const closed = closedWords(session.user.shop)
    fill(
      warnings,
      closed !== '' && banner(closed, { href: '#/toko', name: words.seeShop }),
      away > 0 && banner(words.quietBox(away), { href: '#/kotak', name: words.seeBoxes }),
      missed > 0 &&
        banner(words.missed(missed), {
          href: '#/transaksi?kapan=week&suara=digest',
          name: words.seeMissed,
        }),
      boxes.length > 0 &&
        unheard > 0 &&
        banner(words.unheard(unheard), {
          href: '#/transaksi?kapan=today&suara=silent',
          name: words.seeUnheard,
        }),
    )
  }
}

const banner = (sentence, { href, name }) =>
  h(
    'div',
    { class: 'banner' },
    h('p', null, sentence),
    h('p', { class: 'ways' }, h('a', { href }, name)),
  )

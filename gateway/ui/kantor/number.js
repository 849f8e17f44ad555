/**
 * The number line at a glance: today, the week, and how its orders stand.
 *
 * WPN1. Numbers move by themselves; whoever may not see what is earned sees what is sold.
 */

import { chart } from '../kit/chart.js'
import { fill, h } from '../kit/dom.js'
import { count, dayOf, rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { watch } from '../kit/watch.js'
import { call, may } from './desk.js'
import { numberWays, root } from './number-ways.js'
import { statuses, stats as words } from './text-number.id.js'

export function open({ node, title, signal }) {
  title(words.title)
  const body = h('div', null, skeleton(4))
  const link = h('p', { class: 'small live', role: 'status' }, words.live)
  node.append(numberWays('nomor'), body)
  let shown = ''
  void look()
  watch(look, { node, signal, pauseMs: 10_000 })

  async function look() {
    const answer = await call('GET', `${root}/stats`)
    link.textContent = answer.ok ? words.live : words.lost
    link.classList.toggle('lost', !answer.ok)
    if (!answer.ok && shown === '') fill(body, trouble(answer.sentence, look))
    if (!answer.ok) return false
    const { counted_at: _, ...told } = answer.data
    // What is the same stays as it is, with whoever stands on it.
    if (JSON.stringify(told) !== shown) show(told)
    shown = JSON.stringify(told)
    return true
  }

  function show({ today, week, days, users, open }) {
    const sees = may('payers')
    const share = today.orders === 0 ? null : Math.round((100 * today.codes) / today.orders)
    fill(
      body,
      h(
        'section',
        { class: 'purse', 'aria-label': sees ? words.profit : words.selling },
        h('p', null, sees ? words.profit : words.selling),
        h('output', { class: 'big' }, rupiah(sees ? today.profit : today.selling)),
        sees && h('p', { class: 'small' }, words.tally(today.selling, today.base)),
        h('p', { class: 'small' }, words.week(sees ? week.profit : week.selling)),
        link,
      ),
      h(
        'ul',
        { class: 'board' },
        tile('nomor-order', words.orders, today.orders, words.ordersWeek(week.orders)),
        tile('nomor-order?mana=open', words.open, open, words.openAll),
        tile('nomor-order', words.codes, today.codes, words.codesOf(share)),
        tile(
          'nomor-order?status=refunded',
          ...[words.refunds, today.refunds, words.refundsSum(today.refunded)],
        ),
        tile(
          sees ? 'nomor-deposit' : 'nomor',
          ...[words.deposits, today.deposits, words.depositsSum(today.deposited)],
        ),
        tile('nomor-pengguna', words.users, users, words.usersNew(today.new_users)),
      ),
      h(
        'div',
        { class: 'halves' },
        h('div', { class: 'card' }, ordersChart(days, week)),
        h('div', { class: 'card' }, moneyChart(days, week, sees)),
      ),
      h('div', { class: 'card' }, statesTable(week.by_status)),
    )
  }
}

const tile = (place, name, n, note) =>
  h(
    'li',
    null,
    h(
      'a',
      { class: 'tile', href: `#/${place}` },
      h('p', { class: 'soft' }, name),
      h('b', { class: 'number' }, count(n)),
      h('p', { class: 'soft' }, note),
    ),
  )

const noon = day => `${day}T12:00:00+07:00`
const short = day => String(Number(day.slice(8)))

const ordersChart = (days, week) =>
  chart({
    ...{ title: words.days, first: words.day },
    summary: words.daysSummary(week.orders, week.codes),
    series: ['orders', 'codes'].map(key => ({ name: words.series[key], say: count })),
    rows: days.map(({ day, orders, codes }) => ({
      ...{ name: dayOf(noon(day)), short: short(day), values: [orders, codes] },
    })),
  })

const moneyChart = (days, week, sees) =>
  chart({
    ...{ title: sees ? words.money : words.moneySales, first: words.day },
    summary: words.moneySummary(week.selling),
    series: (sees ? ['selling', 'profit'] : ['selling']).map(key => ({
      ...{ name: words.series[key], say: rupiah },
    })),
    rows: days.map(({ day, selling, profit }) => ({
      ...{ name: dayOf(noon(day)), short: short(day) },
      values: sees ? [selling, profit] : [selling],
    })),
  })

const statesTable = byStatus => {
  const known = Object.keys(statuses).filter(status => byStatus[status] > 0)
  if (known.length === 0) return h('p', { class: 'soft' }, words.noStates)
  return h(
    'table',
    null,
    h('caption', null, words.states),
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        h('th', { scope: 'col' }, words.state),
        h('th', { scope: 'col' }, words.stateCount),
      ),
    ),
    h(
      'tbody',
      null,
      known.map(status =>
        h(
          'tr',
          null,
          h(
            'th',
            { scope: 'row' },
            h('a', { href: `#/nomor-order?status=${status}` }, statuses[status]),
          ),
          h('td', null, count(byStatus[status])),
        ),
      ),
    ),
  )
}

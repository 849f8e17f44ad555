/** What was earned, day by day or by whatever it was earned with. */

import { action, form } from '../kit/action.js'
import { chart } from '../kit/chart.js'
import { fill, h } from '../kit/dom.js'
import { count, dayAt, dayBegan, dayOf, rupiah, timeOf } from '../kit/format.js'
import { pagedList, trouble } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { cells, choice, input, money, soft, strong } from './cells.js'
import { call } from './desk.js'
import { numberWays, root } from './number-ways.js'
import { usual } from './text.id.js'
import { profit as words } from './text-number.id.js'

const daysUsual = 13
const barsMax = 31
const dayMs = 86_400_000

export function open({ node, query, title }) {
  title(words.title)
  const from = input('dari', words.from, {
    ...{ type: 'date', value: query.get('dari') ?? dayAt(dayBegan(daysUsual)) },
  })
  const to = input('sampai', words.to, {
    ...{ type: 'date', value: query.get('sampai') ?? dayAt(dayBegan(0)) },
  })
  const by = choice('menurut', words.by, Object.entries(words.bys), {
    value: query.get('menurut') ?? 'day',
  })
  const act = action(usual.search, look, { busy: usual.busy, submit: true })
  const body = h('div')
  const moved = pagedList({
    label: words.moved,
    shape: 'c4',
    row: movedRow,
    empty: () => h('p', null, words.empty),
    async load(cursor) {
      const asked = { limit: 10, cursor, from: began(from), to: began(to, 1) }
      const answer = await call('GET', `${root}/number-transactions${asking(asked)}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  by.control.addEventListener('change', () => void act.press())
  node.append(
    numberWays('nomor-laba'),
    form([h('div', { class: 'filters four' }, from.node, to.node, by.node)], act),
    body,
    h('section', null, h('h2', null, words.moved), moved.node),
  )
  void act.press()

  async function look() {
    const asked = { from: from.control.value, to: to.control.value, by: by.control.value }
    if (asked.from === '' || asked.to === '') return act.say(words.wrong)
    act.say('')
    remember('nomor-laba', { dari: asked.from, sampai: asked.to, menurut: asked.by })
    const answer = await call('GET', `${root}/profit-analytics${asking(asked)}`)
    if (!answer.ok)
      return fill(
        body,
        trouble(answer.sentence, () => act.press()),
      )
    show(answer.data, asked.by)
    void moved.again()
  }

  function show({ rows, total }, how) {
    if (rows.length === 0)
      return fill(body, h('div', { class: 'empty' }, h('p', null, words.empty)))
    const isDay = how === 'day'
    const { series } = words
    fill(
      body,
      h(
        'section',
        { class: 'purse', 'aria-label': words.total },
        h('p', null, words.total),
        h('output', { class: 'big' }, rupiah(total.profit)),
        h('p', { class: 'small' }, words.tally(total)),
      ),
      h(
        'div',
        { class: 'card' },
        chart({
          title: words.chart,
          first: words.bys[how],
          summary: words.summary(total.profit, total.sold),
          series: [{ name: series.profit, say: rupiah }],
          rows: rows.slice(0, barsMax).map(row => ({
            name: isDay ? dayOf(`${row.key}T12:00:00+07:00`) : row.key,
            short: isDay ? String(Number(row.key.slice(8))) : row.key.slice(0, 6),
            values: [row.profit],
          })),
        }),
      ),
      h('div', { class: 'card' }, wholeTable(rows, how)),
    )
  }
}

/** When the day of a field began here, or one so many days later. */
const began = ({ control }, days = 0) =>
  new Date(Date.parse(`${control.value}T00:00:00+07:00`) + days * dayMs).toISOString()

const movedRow = one =>
  cells(
    one.kind === 'deposit' ? `#/nomor-pengguna/${one.user_id}` : `#/nomor-order/${one.id}`,
    strong(words.kinds[one.kind]),
    money(`${one.direction === 'in' ? '+' : '−'}${rupiah(one.amount)}`),
    soft([one.username, one.with].filter(Boolean).join(' · ')),
    soft(timeOf(one.at)),
  )

const columns = ['sold', 'selling', 'base', 'profit']

const wholeTable = (rows, how) =>
  h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': words.title },
    h(
      'table',
      null,
      h('caption', { class: 'unseen' }, words.title),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, words.bys[how]),
          columns.map(key => h('th', { scope: 'col' }, words.series[key])),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(row =>
          h(
            'tr',
            null,
            h('th', { scope: 'row' }, how === 'day' ? dayOf(`${row.key}T12:00:00+07:00`) : row.key),
            columns.map(key => h('td', null, key === 'sold' ? count(row[key]) : rupiah(row[key]))),
          ),
        ),
      ),
    ),
  )

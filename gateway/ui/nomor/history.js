/**
 * What was: numbers, payments, and each change of the balance.
 *
 * WNT1. Each change of the balance says what it was: money put in, a number bought, money that came
 *       back, and of which app.
 */

import { h } from '../kit/dom.js'
import { rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { call } from './api.js'
import { listen } from './live.js'
import { depositRow, orderRow } from './order-row.js'
import { history as words } from './text.id.js'

const pageMax = 20
const empty = (href, name) => [h('p', null, words.empty), h('a', { class: 'button', href }, name)]
const buy = () => empty('#/beli', words.buy)
const fillUp = () => empty('#/saldo', words.fill)

export function open({ node, title, query, signal }) {
  title(words.title)
  let kind = kinds[query.get('jenis')] === undefined ? 'nomor' : query.get('jenis')
  const chips = h(
    'div',
    { class: 'chips', role: 'group', 'aria-label': words.kind },
    Object.keys(kinds).map(name => {
      const chip = h('button', { type: 'button', 'data-kind': name }, words.kinds[name])
      chip.addEventListener('click', () => show(name))
      return chip
    }),
  )
  const place = h('div')
  node.append(chips, place)
  let list = null
  show(kind)
  listen(() => void list.renew(), signal)
  addEventListener('popstate', () => setTimeout(() => node.isConnected && list.renew()), { signal })

  function show(name) {
    kind = name
    remember('riwayat', { jenis: name === 'nomor' ? '' : name })
    for (const chip of chips.children) {
      chip.setAttribute('aria-pressed', String(chip.dataset.kind === name))
    }
    const { path, row, empty } = kinds[name]
    list = pagedList({
      ...{ label: words.kinds[name], row, empty },
      async load(cursor) {
        const answer = await call('GET', `${path}${asking({ limit: pageMax, cursor })}`)
        return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor ?? null }
      },
    })
    place.replaceChildren(list.node)
    void list.again()
  }
}

const mutationRow = ({ kind, detail, direction, amount, created_at: at, balance_after: after }) =>
  h(
    'div',
    { class: 'row', 'data-direction': direction },
    h('b', null, words.changes[kind]?.(detail) ?? words.changed[direction]),
    h('span', { class: 'money' }, `${direction === 'in' ? '+' : '−'}${rupiah(amount)}`),
    h('span', { class: 'soft' }, timeOf(at)),
    h('span', { class: 'soft' }, words.after(after)),
  )

const kinds = {
  nomor: { path: '/api/v1/orders/history', row: orderRow, empty: buy },
  saldo: { path: '/api/v1/deposit/history', row: depositRow, empty: fillUp },
  catatan: { path: '/api/v1/user/transactions', row: mutationRow, empty: fillUp },
}

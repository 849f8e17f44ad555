/** Every order, newest first, found again by number or product. */

import { h } from '../kit/dom.js'
import { field, select } from '../kit/field.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { call } from './api.js'
import { listen } from './live.js'
import { orderRow } from './order-row.js'
import { products } from './products.js'
import { text } from './text.id.js'

const words = text.history
const pauseMs = 300

export function open({ node, query, title, signal }) {
  title(words.title)
  const search = field(
    words.search,
    h('input', {
      type: 'search',
      autocomplete: 'off',
      maxlength: 40,
      value: query.get('cari') ?? '',
    }),
  )
  const status = select(
    [['', words.all], ...Object.entries(text.status).filter(([status]) => status !== 'PENDING')],
    query.get('status') ?? '',
  )
  const filter = field(words.filter, status)
  const isNarrow = () => search.control.value.trim() !== '' || status.value !== ''
  const list = pagedList({
    label: words.title,
    row: orderRow,
    empty: () =>
      isNarrow()
        ? h('p', null, words.nothing)
        : [h('p', null, words.empty), h('a', { href: '#/beli', class: 'button' }, words.buy)],
    async load(cursor) {
      const asked = { limit: 20, cursor, status: status.value, q: search.control.value.trim() }
      const [answer] = await Promise.all([
        call('GET', `/api/v1/transactions${asking(asked)}`),
        products(),
      ])
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const bar = h('form', { class: 'filters', role: 'search', onsubmit }, search.node, filter.node)
  node.append(bar, list.node)
  void list.again()

  let timer = 0
  search.control.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(again, pauseMs)
  })
  status.addEventListener('change', again)
  // Whoever has paged down is not thrown back to the top by somebody else's order.
  listen(name => name !== 'balance:updated' && scrollY < 400 && void list.renew(), signal)

  function again() {
    remember('riwayat', { cari: search.control.value.trim(), status: status.value })
    void list.again()
  }
  function onsubmit(event) {
    event.preventDefault()
    again()
  }
}

/** Every rupiah that came and went, with the balance after it. */

import { h } from '../kit/dom.js'
import { rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { call } from './api.js'
import { listen } from './live.js'
import { text } from './text.id.js'

const words = text.mutations

export function open({ node, title, signal }) {
  title(words.title)
  const list = pagedList({
    label: words.title,
    row: mutationRow,
    empty: () => [
      h('p', null, words.empty),
      h('a', { href: '#/deposit', class: 'button' }, words.deposit),
    ],
    async load(cursor) {
      const answer = await call('GET', `/api/v1/mutations${asking({ limit: 25, cursor })}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  node.append(list.node)
  void list.again()
  listen(() => scrollY < 400 && void list.renew(), signal)
}

const mutationRow = row =>
  h(
    'div',
    { class: 'row', 'data-direction': row.direction },
    h('b', null, row.description),
    h(
      'span',
      { class: 'money' },
      h('span', { class: 'unseen' }, `${words[row.direction]} `),
      `${row.direction === 'in' ? '+' : '−'}${rupiah(row.amount)}`,
    ),
    h('span', { class: 'soft' }, timeOf(row.created_at)),
    h('span', { class: 'soft' }, words.after(row.balance_after)),
  )

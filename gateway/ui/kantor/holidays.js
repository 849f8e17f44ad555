/** Days on which banks do not pay: what is due on one is due on the next open day. */

import { h } from '../kit/dom.js'
import { dayOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { input, soft, strong } from './cells.js'
import { deed, needed } from './deed.js'
import { call } from './desk.js'
import { holidays as words } from './text-money.id.js'

const path = '/admin/bank-holidays'

export async function open({ node, title }) {
  title(words.title)
  const list = pagedList({
    label: words.title,
    row: holidayRow,
    empty: () => h('p', null, words.empty),
    async load() {
      const answer = await call('GET', path)
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  node.append(
    h('p', { class: 'soft' }, words.intro),
    deed({
      ...{ name: words.add, group: 'payers', path, after: () => list.renew() },
      fields: [
        input('day', words.day, { type: 'date', read: needed }),
        input('name', words.name, { maxlength: 60, read: needed }),
      ],
    }),
    list.node,
  )
  await list.again()

  function holidayRow({ day, name }) {
    return h(
      'div',
      { class: 'row tall', 'data-holiday': day },
      strong(name),
      soft(dayOf(`${day}T12:00:00+07:00`)),
      h(
        'div',
        { class: 'deeds wide' },
        deed({
          ...{ name: words.remove, group: 'payers', method: 'DELETE', path: `${path}/${day}` },
          ...{ sure: true, after: () => list.renew() },
        }),
      ),
    )
  }
}

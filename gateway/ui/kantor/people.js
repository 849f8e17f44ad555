/** Who works in the office: found, added, given a new password. For a merchant's people as well. */

import { h } from '../kit/dom.js'
import { pagedList } from '../kit/list.js'
import { cells, choice, input, soft, strong } from './cells.js'
import { deed, needed } from './deed.js'
import { call } from './desk.js'
import { roles, people as words } from './text.id.js'

export function open({ node, title }) {
  title(words.title)
  const list = pagedList({
    label: words.title,
    row: one => personRow(one, roles),
    empty: () => h('p', null, words.empty),
    async load() {
      const answer = await call('GET', '/admin/people')
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  node.append(
    h('p', { class: 'soft' }, words.intro),
    personAdd({ roles, after: () => list.renew() }),
    list.node,
  )
  void list.again()
}

/** Its password is shown where it was asked for. */
export const personAdd = ({ merchantId, roles: names, after }) =>
  deed({
    ...{ name: words.add, group: 'admins', path: '/admin/people', after },
    fields: [
      input('name', words.name, { maxlength: 100, read: needed }),
      input('email', words.email, { type: 'email', maxlength: 200, read: needed }),
      choice('role', words.role, Object.entries(names)),
    ],
    body: ({ role, ...person }) =>
      merchantId === undefined
        ? { ...person, role }
        : { ...person, role: 'merchant', merchant_id: merchantId, merchant_role: role },
    once: made => [[words.password, made.password]],
  })

export function personRow(one, names) {
  const row = cells(
    null,
    strong(one.name),
    soft(names[one.merchant_role ?? one.role] ?? one.role),
    soft(one.email),
    soft(words.statuses[one.status]),
    deed({
      ...{ name: words.rotate, group: 'admins', path: '/admin/people/rotate', sure: true },
      body: () => ({ email: one.email }),
      once: made => [[words.password, made.password]],
    }),
  )
  row.classList.add('tall')
  row.lastElementChild.classList.add('wide')
  return row
}

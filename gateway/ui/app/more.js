/** On a phone: the way to everything that does not stand below. */

import { action } from './action.js'
import { h, icon } from './dom.js'
import { session } from './session.js'
import { text } from './text.id.js'

const ways = [
  ['harga', 'prices'],
  ['mutasi', 'mutations'],
  ['downline', 'downlines'],
  ['kunci', 'key'],
  ['webhook', 'webhooks'],
]

export function open({ node, title, leaveArea }) {
  title(text.rest.title)
  const leave = action(text.nav.leave, leaveArea, { busy: text.rest.leaving, kind: 'quiet' })
  node.append(
    h('p', { class: 'soft' }, session.user.username),
    h(
      'ul',
      { class: 'rows' },
      ways.map(([word, shape]) =>
        h('li', null, h('a', { class: 'way', href: `#/${word}` }, icon(shape), text.nav[word])),
      ),
    ),
    leave.button,
  )
}

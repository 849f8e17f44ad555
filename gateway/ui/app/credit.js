/** What one may use before it is paid, what of it is used, and what is due. */

import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { listen } from './live.js'
import { creditText as words } from './text-server.id.js'

export function open({ node, title, signal }) {
  title(words.title)
  const body = h('div', null, skeleton(3))
  node.append(h('p', { class: 'soft' }, words.intro), body)
  let isKnown = false
  void look()
  listen(() => void look(), signal)

  async function look() {
    const answer = await call('GET', '/api/v1/credit')
    if (answer.ok) {
      isKnown = true
      return show(answer.data)
    }
    if (!isKnown) fill(body, trouble(answer.sentence, look))
  }

  function show({ limit, owed }) {
    if (limit === 0 && owed === 0) return fill(body, h('p', { class: 'empty' }, words.none))
    const left = limit - owed
    fill(
      body,
      h(
        'div',
        { class: 'card pay' },
        h('p', { class: 'soft' }, words.owed),
        h('output', { class: 'big' }, rupiah(owed)),
        h('progress', { max: Math.max(limit, owed), value: owed, 'aria-label': words.owed }),
        h('dl', null, line(words.limit, limit), line(words.left, Math.max(0, left))),
        left < 0 && h('p', { class: 'notice', 'data-tone': 'warn' }, words.over(-left)),
        h('p', { class: 'soft' }, owed === 0 ? words.clear : words.how),
      ),
      owed > 0 &&
        h('p', { class: 'ways' }, h('a', { href: '#/deposit', class: 'button' }, words.deposit)),
    )
  }
}

const line = (name, amount) => h('div', null, h('dt', null, name), h('dd', null, rupiah(amount)))

/** An order behind its link, for whoever has it: read only, nothing to be done with it. */

import { fill, h } from '../kit/dom.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { listen } from './live.js'
import { orderCard } from './order-card.js'
import { nothing } from './picking.js'
import { nav, order as words } from './text.id.js'

const doubtMs = 4_000

export function open({ node, rest, title, signal }) {
  title(words.plain)
  const card = h('div', null, skeleton(5))
  node.append(card)
  let turn = new AbortController()
  signal.addEventListener('abort', () => turn.abort())
  listen(() => void look(), signal)
  void look()
  // Nobody is told of facts without login: it looks when it is looked at.
  document.addEventListener('visibilitychange', () => document.hidden || look(), { signal })
  addEventListener('online', () => look(), { signal })

  async function look() {
    const answer = await call('GET', `/api/v1/invoices/${encodeURIComponent(rest)}`)
    if (answer.ok) {
      turn.abort()
      turn = new AbortController()
      title(words.title(answer.data.service_name))
      const over = () => setTimeout(look, doubtMs)
      const again = h('button', { type: 'button', class: 'quiet wide' }, words.lookAgain)
      again.addEventListener('click', look)
      return fill(
        card,
        orderCard(answer.data, { signal: turn.signal, over }),
        again,
        h('p', null, h('a', { href: '#/beranda' }, nav.beranda)),
      )
    }
    if (answer.status !== 404) return fill(card, trouble(answer.sentence, look))
    fill(
      card,
      nothing(words.goneInvoice, h('a', { class: 'quiet', href: '#/beranda' }, nav.beranda)),
    )
  }
}

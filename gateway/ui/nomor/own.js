/** Where one begins who is signed in: what there is, one big button, and what is under way. */

import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { session } from '../kit/session.js'
import { call } from './api.js'
import { buy } from './home.js'
import { listen } from './live.js'
import { orderRow } from './order-row.js'
import { home as words } from './text.id.js'

const runningMax = 5

export function open({ node, title, signal }) {
  node.classList.add('home')
  title(words.hello(session.user.name ?? ''))
  const amount = h('output', { class: 'big' }, '–')
  const held = h('p', { class: 'small' })
  const running = h('div', null, skeleton(2))
  node.append(
    h(
      'section',
      { class: 'purse', 'aria-label': words.balance },
      h('p', null, words.balance),
      amount,
      held,
      h('p', { class: 'ways' }, h('a', { class: 'button', href: '#/saldo' }, words.fill)),
    ),
    buy(),
    h(
      'section',
      null,
      h(
        'div',
        { class: 'head' },
        h('h2', null, words.running),
        h('a', { href: '#/riwayat' }, words.all),
      ),
      running,
    ),
  )
  void look()
  listen(() => void look(), signal)
  addEventListener('popstate', () => setTimeout(() => node.isConnected && look()), { signal })

  async function look() {
    const [purse, orders] = await Promise.all([
      call('GET', '/api/v1/balance'),
      call('GET', '/api/v1/orders/active'),
    ])
    if (purse.ok) {
      amount.textContent = rupiah(purse.data.available)
      held.textContent = purse.data.held > 0 ? words.held(purse.data.held) : ''
    } else held.textContent = purse.sentence
    if (!orders.ok) {
      if (running.querySelector('.pick') === null) fill(running, trouble(orders.sentence, look))
      return
    }
    const rows = orders.data.rows.slice(0, runningMax)
    if (rows.length === 0)
      return fill(
        running,
        h(
          'div',
          { class: 'empty' },
          h('p', null, words.runningEmpty),
          h('a', { class: 'quiet', href: '#/beli' }, words.buy),
        ),
      )
    fill(
      running,
      h(
        'ul',
        { class: 'rows', 'aria-label': words.running },
        rows.map(order => h('li', null, orderRow(order))),
      ),
    )
  }
}

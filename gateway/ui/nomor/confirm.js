/**
 * The last look before money moves: what, from where, for how much in the end.
 *
 * WNE1. The price that is shown is asked for again when the page opens, and it is the most that can
 *       be paid: when it has risen, nothing is bought and the new one is shown.
 * WNE2. Who has too little is led to where he fills up, and back to this page afterwards.
 */

import { action } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { go } from '../kit/router.js'
import { call, decide } from './api.js'
import { helpLink } from './help.js'
import { listen } from './live.js'
import { setNext } from './next.js'
import { nothing } from './picking.js'
import { confirm as words } from './text.id.js'

export function open({ node, title, query, signal }) {
  title(words.title)
  const wish = {
    service_id: query.get('app') ?? '',
    country_id: query.get('negara') ?? '',
    operator_id: query.get('operator') ?? 'any',
  }
  const here = location.hash
  const facts = h('div', null, skeleton(4))
  const foot = h('div')
  node.append(facts, foot)
  if (wish.service_id === '' || wish.country_id === '') {
    return fill(facts, nothing(words.gone, h('a', { class: 'quiet', href: '#/beli' }, words.start)))
  }
  const buy = action(words.go, pay, { busy: words.busy, kind: 'main huge' })
  let price = Number(query.get('harga') ?? 0)
  void look()
  listen(name => name === 'balance:updated' && void look(), signal)
  addEventListener('popstate', () => setTimeout(() => node.isConnected && look()), { signal })

  async function look() {
    const asked = new URLSearchParams({ service_id: wish.service_id })
    const [purse, shelf] = await Promise.all([
      call('GET', '/api/v1/balance'),
      call('GET', `/api/v1/operators/${encodeURIComponent(wish.country_id)}?${asked}`),
    ])
    const failed = [purse, shelf].find(({ ok }) => !ok)
    if (failed !== undefined) {
      if (foot.childElementCount > 0) return
      return fill(facts, trouble(failed.sentence, look))
    }
    const now = shelf.data.operators.find(one => one.operator_id === wish.operator_id)
    if (now !== undefined && now.price !== price) {
      if (price > 0 && now.price > price) buy.say(words.moved, 'warn')
      price = now.price
    }
    show(purse.data.available)
  }

  function show(balance) {
    const short = price - balance
    fill(
      facts,
      h(
        'dl',
        { class: 'card' },
        line(words.app, query.get('nama') ?? ''),
        line(words.country, query.get('asal') ?? ''),
        line(words.operator, query.get('sebutan') ?? ''),
        h('div', { class: 'sum' }, h('dt', null, words.price), h('dd', null, rupiah(price))),
      ),
      h('p', { class: 'soft small centre' }, words.included),
      h('p', { class: 'promise' }, words.promise),
      h(
        'dl',
        { class: 'card' },
        line(words.balance, rupiah(balance)),
        short <= 0 && line(words.after, rupiah(-short)),
      ),
    )
    if (short <= 0) return fill(foot, buy.note, buy.button)
    setNext(here)
    fill(
      foot,
      h('p', { class: 'notice', 'data-tone': 'warn', role: 'status' }, words.short(short)),
      h('a', { class: 'button huge', href: `#/saldo?kurang=${short}` }, words.fill),
    )
  }

  async function pay() {
    buy.say('')
    const answer = await decide('buy', '/api/v1/orders/create', { ...wish, max_price: price })
    if (answer.ok) {
      setNext('')
      return go(`#/pesanan/${answer.data.order_id}`, { replace: true })
    }
    if (answer.code === 'PRICE_ABOVE_MAX' || answer.code === 'INSUFFICIENT_BALANCE') await look()
    buy.say(answer.sentence, answer.code === 'PRICE_ABOVE_MAX' ? 'warn' : 'bad')
    if (node.querySelector('.help-link') === null) foot.append(helpLink('confirm'))
  }
}

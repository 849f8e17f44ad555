/** Where one begins: what there is, what to buy, and how the last orders went. */

import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { pagedList, trouble } from '../kit/list.js'
import { session } from '../kit/session.js'
import { call } from './api.js'
import { categoryTiles } from './buy.js'
import { listen } from './live.js'
import { orderRow } from './order-row.js'
import { products } from './products.js'
import { text } from './text.id.js'

const words = text.home
const latestMax = 5

export function open({ node, title, signal }) {
  title(words.title(session.user.name || session.user.username))
  const amount = h('output', { class: 'big' }, '–')
  const held = h('p', { class: 'small' })
  const ways = h(
    'p',
    { class: 'ways' },
    h('a', { href: '#/deposit', class: 'button' }, words.deposit),
    h('a', { href: '#/mutasi' }, words.mutations),
  )
  const tiles = h('div')
  const latest = pagedList({
    label: words.latest,
    row: orderRow,
    empty: () => h('p', null, words.empty),
    async load() {
      const [answer] = await Promise.all([
        call('GET', `/api/v1/transactions?limit=${latestMax}`),
        products(),
      ])
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  node.append(
    h(
      'section',
      { class: 'purse', 'aria-label': words.balance },
      h('p', null, words.balance),
      amount,
      held,
      ways,
    ),
    h('section', null, h('h2', null, words.buy), tiles),
    h(
      'section',
      null,
      h(
        'div',
        { class: 'head' },
        h('h2', null, words.latest),
        h('a', { href: '#/riwayat' }, words.all),
      ),
      latest.node,
    ),
  )
  void look()
  void lookAtCredit()
  void latest.again()
  void shelves()
  listen(() => {
    void look()
    void latest.renew()
  }, signal)

  async function look() {
    const answer = await call('GET', '/api/v1/balance')
    if (!answer.ok) {
      held.textContent = answer.sentence
      return
    }
    amount.textContent = rupiah(answer.data.available)
    held.textContent = answer.data.held > 0 ? words.held(answer.data.held) : ''
  }

  /** Only for who has some. */
  async function lookAtCredit() {
    const { ok, data } = await call('GET', '/api/v1/credit')
    if (!ok || (data.limit === 0 && data.owed === 0)) return
    ways.append(h('a', { href: '#/kredit' }, words.credit(data.owed, data.limit)))
  }

  async function shelves() {
    const shelf = await products()
    fill(tiles, shelf.ok ? categoryTiles(shelf.rows) : trouble(shelf.sentence, shelves))
  }
}

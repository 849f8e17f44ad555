/** The frame around every page: who may see it, the menu, and where one was going. */

import { fill, h, icon } from './dom.js'
import { trouble } from './list.js'
import { connect, disconnect } from './live.js'
import { go, openRouter } from './router.js'
import { resume, session, signOut } from './session.js'
import { text } from './text.id.js'

const pages = {
  masuk: () => import('./sign-in.js'),
  beranda: () => import('./home.js'),
  beli: () => import('./buy.js'),
  pesanan: () => import('./order.js'),
  riwayat: () => import('./history.js'),
  harga: () => import('./prices.js'),
  mutasi: () => import('./mutations.js'),
  deposit: () => import('./deposit.js'),
  downline: () => import('./downlines.js'),
  kunci: () => import('./key.js'),
  webhook: () => import('./webhooks.js'),
  lainnya: () => import('./more.js'),
}
/** On a phone the first ones stand below; the rest is behind the last. */
const menu = [
  ['beranda', 'home'],
  ['beli', 'buy'],
  ['riwayat', 'history'],
  ['deposit', 'deposit'],
  ['mutasi', 'mutations'],
  ['harga', 'prices'],
  ['downline', 'downlines'],
  ['kunci', 'key'],
  ['webhook', 'webhooks'],
  ['lainnya', 'more'],
]
const below = new Set(['beranda', 'beli', 'riwayat', 'deposit', 'lainnya'])
const partOf = { pesanan: 'riwayat' }

const place = h('main', { id: 'isi' })
const links = new Map(
  menu.map(([word, shape]) => [
    word,
    h(
      'a',
      { href: `#/${word}`, class: below.has(word) ? 'below' : null },
      icon(shape),
      text.nav[word],
    ),
  ]),
)
const leave = h('button', { type: 'button', class: 'leave' }, icon('leave'), text.nav.leave)
const bar = h(
  'nav',
  { 'aria-label': text.nav.label },
  h('a', { href: '#/beranda', class: 'brand' }, text.name),
  [...links.values()],
  leave,
)
const skip = h('button', { type: 'button', class: 'skip' }, text.skip)

/** Where a person wanted to go before we asked who it is. */
let wanted = ''

const guarded = Object.fromEntries(
  Object.entries(pages).map(([word, load]) => [
    word,
    () => {
      const isOpen = word === 'masuk'
      if (isOpen === (session.user === null)) return load()
      if (!isOpen) wanted = location.hash
      // Never resolves: the other page is on its way.
      queueMicrotask(() => go(isOpen ? '#/beranda' : '#/masuk', { replace: true }))
      return new Promise(() => {})
    },
  ]),
)

const router = openRouter({
  place,
  doors: { enter, leaveArea },
  routes: guarded,
  fallback: () => (session.user === null ? '#/masuk' : '#/beranda'),
  onPage(word) {
    bar.hidden = session.user === null
    document.body.classList.toggle('inside', session.user !== null)
    for (const [name, link] of links) {
      if (name === (partOf[word] ?? word)) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
  },
})

function enter() {
  connect()
  const hash = wanted === '' ? '#/beranda' : wanted
  wanted = ''
  router.forget()
  go(hash, { replace: true })
}

async function leaveArea() {
  await signOut()
  end()
}

function end() {
  disconnect()
  router.forget()
  sessionStorage.clear()
  go('#/masuk', { replace: true })
}

session.onEnd = () => {
  wanted = location.hash
  sessionStorage.setItem('laju.ended', '1')
  disconnect()
  router.forget()
  go('#/masuk', { replace: true })
}
leave.addEventListener('click', () => void leaveArea())
skip.addEventListener('click', () => place.querySelector('h1')?.focus())

fill(document.querySelector('#app'), skip, bar, place)
bar.hidden = true
place.append(h('p', { class: 'soft start' }, text.loading))
void begin()

async function begin() {
  const isIn = await resume()
  if (isIn === null) return fill(place, trouble(text.trouble.offline, begin))
  if (isIn) connect()
  void router.show()
}

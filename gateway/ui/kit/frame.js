/**
 * The frame around every page of an area: who may see it, the menu, and where one was going.
 *
 * WPC1. Whoever is not signed in is asked first, and then brought to where he was going.
 * WPC2. When somebody leaves, nothing of him is there for the next.
 * WPC3. What is free is there for everybody, signed in or not.
 */

import { fill, h, icon } from './dom.js'
import { trouble } from './list.js'
import { go, openRouter } from './router.js'
import { text } from './text.id.js'

const door = 'masuk'
const more = 'lainnya'

/**
 * `pages`: what loads each page, by the first word of its address. `menu`: rows of word and
 * drawing; on a phone those in `below` stand at the bottom, the rest behind the last. `partOf`: to
 * which place of the menu a page belongs. `nav`: the menu's words. `mayOpen` hides what a
 * person may not. `free`: pages for everybody.
 */
export function openFrame(area) {
  const { session, resume, signOut, pages, menu, below, nav, home } = area
  const { partOf = {}, mayOpen = () => true, begins = () => {}, ends = () => {} } = area
  const { free = [] } = area
  const homeHash = `#/${home}`
  const outside = free.includes(home) ? homeHash : `#/${door}`
  const place = h('main', { id: 'isi' })
  const links = new Map(
    menu.map(([word, shape]) => [
      word,
      h(
        'a',
        { href: `#/${word}`, class: below.includes(word) ? 'below' : null },
        icon(shape),
        h('span', null, nav[word]),
      ),
    ]),
  )
  const leave = h('button', { type: 'button', class: 'leave' }, icon('leave'), text.leave)
  const bar = h(
    'nav',
    { 'aria-label': text.menu },
    h('a', { href: homeHash, class: 'brand' }, nav.brand ?? text.name),
    [...links.values()],
    leave,
  )
  const skip = h('button', { type: 'button', class: 'skip' }, text.skip)

  /** Where a person wanted to go before we asked who it is. */
  let wanted = ''
  /** It is known who is here; before, no page can be chosen. */
  let isBegun = false

  const guarded = Object.fromEntries(
    Object.entries(pages).map(([word, load]) => [
      word,
      () => {
        if (!isBegun) return new Promise(() => {})
        if (free.includes(word)) return load()
        const isDoor = word === door
        const isIn = session.user !== null
        if (isDoor ? !isIn : isIn && mayOpen(partOf[word] ?? word)) return load()
        if (!isDoor && !isIn) wanted = location.hash
        // Never resolves: the other page is on its way.
        queueMicrotask(() => go(isIn ? homeHash : `#/${door}`, { replace: true }))
        return new Promise(() => {})
      },
    ]),
  )

  const router = openRouter({
    place,
    name: nav.brand,
    doors: {
      ...{ enter, leaveArea, ways: () => restOf(menu, { below, mayOpen }) },
      isExpected: () => wanted !== '',
    },
    routes: guarded,
    fallback: () => (session.user === null ? outside : homeHash),
    onPage(word) {
      const isIn = session.user !== null
      bar.hidden = !isIn
      document.body.classList.toggle('inside', isIn)
      for (const [name, link] of links) {
        link.hidden = isIn && !mayOpen(name)
        if (name === (partOf[word] ?? word)) link.setAttribute('aria-current', 'page')
        else link.removeAttribute('aria-current')
      }
    },
  })

  function enter() {
    begins()
    const hash = wanted === '' ? homeHash : wanted
    wanted = ''
    router.forget()
    go(hash, { replace: true })
  }

  async function leaveArea() {
    await signOut()
    ends()
    router.forget()
    sessionStorage.clear()
    go(outside, { replace: true })
  }

  session.onEnd = () => {
    wanted = location.hash
    sessionStorage.setItem('laju.ended', '1')
    ends()
    router.forget()
    go(`#/${door}`, { replace: true })
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
    isBegun = true
    if (isIn) begins()
    void router.show()
  }
}

/** What on a phone stands behind the last place of the menu. */
const restOf = (menu, { below, mayOpen }) =>
  menu.filter(([word]) => word !== more && !below.includes(word) && mayOpen(word))

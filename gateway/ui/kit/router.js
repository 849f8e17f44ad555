/**
 * Which page stands behind an address like `#/beli?jenis=Pulsa`.
 *
 * WUD1. A page that one comes back to is as it was left, to the line.
 * WUD2. On a page that one comes to, or back to, the heading has the focus and the window its name.
 * WUD3. A page whose files did not come can be tried again, and is once there is a line; nothing
 *       before it is lost. Where there is a line and no files, all is loaded anew.
 */

import { h } from './dom.js'
import { trouble } from './list.js'
import { text } from './text.id.js'

const keptMax = 10

/** `routes` maps the first word of an address to what loads its page; `doors` is given to each. */
export function openRouter({ place, routes, doors, fallback, onPage, name = text.name }) {
  /** Pages of this visit, by their place in the browser's history. */
  const kept = new Map()
  let current = null
  let turn = 0

  async function show() {
    const mine = ++turn
    const { word, rest, query } = partsOf(location.hash)
    const load = routes[word]
    if (load === undefined) return go(fallback(), { replace: true })
    if (current !== null) current.scroll = scrollY
    const known = kept.get(history.state?.key)
    if (known !== undefined && known.word === word) {
      current = known
      place.replaceChildren(known.node)
      document.title = known.title
      scrollTo(0, known.scroll)
      onPage(known.word)
      return known.node.querySelector('h1').focus({ preventScroll: true })
    }
    const key = history.state?.key ?? `${Date.now()}-${mine}`
    history.replaceState({ key }, '')
    const module = await load().catch(() => null)
    if (mine !== turn) return
    const leave = new AbortController()
    const heading = h('h1', { tabindex: '-1' })
    const node = h('div', { class: 'page' }, heading)
    const page = { node, word, title: name, scroll: 0, leave }
    const title = words => {
      heading.textContent = words
      page.title = `${words} · ${name}`
      if (current === page) document.title = page.title
    }
    current = page
    keep(key, page)
    if (module === null) {
      title(text.trouble.title)
      node.append(trouble(text.trouble.offline, () => again(key, { page, load })))
    } else module.open({ ...doors, node, rest, query, title, signal: leave.signal })
    place.replaceChildren(node)
    scrollTo(0, 0)
    onPage(word)
    // A page that begins with a field of its own has put the focus there.
    if (!node.contains(document.activeElement)) heading.focus({ preventScroll: true })
  }

  async function again(key, { page, load }) {
    const module = await load().catch(() => null)
    if (page !== current) return
    if (module === null) {
      if (await isServed()) location.reload()
      return
    }
    page.leave.abort()
    kept.delete(key)
    current = null
    await show()
  }

  function keep(key, page) {
    kept.get(key)?.leave.abort()
    kept.delete(key)
    kept.set(key, page)
    for (const [oldest, { leave }] of kept) {
      if (kept.size <= keptMax) break
      leave.abort()
      kept.delete(oldest)
    }
  }

  history.scrollRestoration = 'manual'
  addEventListener('popstate', show)
  return {
    show,
    /** Somebody else is here now: nothing of before may be seen again. */
    forget() {
      for (const { leave } of kept.values()) leave.abort()
      kept.clear()
      current = null
    },
  }
}

export function go(hash, { replace = false } = {}) {
  if (!replace) {
    location.hash = hash
    return
  }
  history.replaceState(null, '', hash)
  dispatchEvent(new PopStateEvent('popstate'))
}

/** What a page was asked becomes part of its address, so that a reload asks the same. */
export function remember(word, query) {
  const wanted = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const asked = new URLSearchParams(wanted).toString()
  history.replaceState(history.state, '', `#/${word}${asked === '' ? '' : `?${asked}`}`)
}

const isServed = () =>
  fetch(location.pathname, { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )

function partsOf(hash) {
  const [path = '', asked = ''] = hash.replace(/^#\/?/, '').split('?')
  const [word = '', rest = ''] = path.split('/')
  return { word, rest: decoded(rest), query: new URLSearchParams(asked) }
}

/** What nobody wrote so stays as it is: nothing is found there, and the page says that. */
function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

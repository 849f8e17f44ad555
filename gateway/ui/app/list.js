/**
 * A list that comes in pages: grey lines while it loads, a sentence when it is empty, a way to try
 * again when it did not come.
 */

import { action } from './action.js'
import { fill, h } from './dom.js'
import { text } from './text.id.js'

/** `load(cursor)` gives `{ ok, rows, next }`; `empty` is what stands there instead of nothing. */
export function pagedList({ load, row, empty, label }) {
  const items = h('ul', { class: 'rows', 'aria-label': label })
  const foot = h('div', { class: 'foot' })
  const node = h('div', { class: 'list' }, items, foot)
  let turn = 0

  async function bring(cursor) {
    const mine = ++turn
    node.setAttribute('aria-busy', 'true')
    fill(foot, skeleton(cursor === undefined ? 4 : 2))
    const page = await load(cursor)
    if (mine !== turn) return
    node.removeAttribute('aria-busy')
    if (!page.ok)
      return fill(
        foot,
        trouble(page.sentence, () => bring(cursor)),
      )
    const rows = page.rows.map(one => h('li', null, row(one)))
    if (cursor === undefined) items.replaceChildren(...rows)
    else items.append(...rows)
    if (items.childElementCount === 0) return fill(foot, h('div', { class: 'empty' }, empty()))
    if (page.next === null || page.next === undefined) return fill(foot)
    fill(foot, action(text.more, () => bring(page.next), { kind: 'quiet' }).button)
  }

  return {
    node,
    again() {
      items.replaceChildren()
      return bring()
    },
    /** The first page anew, without the grey lines: what stands there stays until it comes. */
    async renew() {
      const mine = ++turn
      const page = await load()
      if (mine !== turn || !page.ok) return
      items.replaceChildren(...page.rows.map(one => h('li', null, row(one))))
      if (page.rows.length === 0) return fill(foot, h('div', { class: 'empty' }, empty()))
      if (page.next === null || page.next === undefined) return fill(foot)
      fill(foot, action(text.more, () => bring(page.next), { kind: 'quiet' }).button)
    },
  }
}

export const skeleton = lines =>
  h(
    'div',
    { class: 'skeleton', role: 'status' },
    h('span', { class: 'unseen' }, text.loading),
    Array.from({ length: lines }, () => h('i')),
  )

export function trouble(sentence, again) {
  const retry = action(text.again, again, { kind: 'quiet' })
  return h('div', { class: 'empty', role: 'alert' }, h('p', null, sentence), retry.button)
}

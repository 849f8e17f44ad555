/**
 * A list that comes in pages: grey lines while it loads, a sentence when it is empty, a way to try
 * again when it did not come.
 *
 * WPT1. What did not come for want of a line is asked for again by itself once there is one.
 */

import { action } from './action.js'
import { fill, h } from './dom.js'
import { whenReached } from './reach.js'
import { text } from './text.id.js'

/**
 * `load(cursor)` gives `{ ok, rows, next }`; `empty` is what stands there instead of nothing. With
 * `keyOf`, what a renewal brings for the first time is marked as fresh. `head`: what stands above.
 */
export function pagedList({ load, row, empty, label, keyOf = null, shape = '', head = null }) {
  const items = h('ul', { class: `rows ${shape}`.trim(), 'aria-label': label })
  let known = new Set()
  const rowsOf = (rows, isRenewal) => {
    const before = known
    known = new Set(keyOf === null ? [] : [...(isRenewal ? [] : before), ...rows.map(keyOf)])
    return rows.map(one => {
      const isFresh = isRenewal && keyOf !== null && !before.has(keyOf(one))
      return h('li', { class: isFresh ? 'fresh' : null }, row(one))
    })
  }
  const foot = h('div', { class: 'foot' })
  const node = h('div', { class: 'list' }, head, items, foot)
  let turn = 0
  /** The first page as it stands, when it stands alone. */
  let shown = ''

  async function bring(cursor) {
    const mine = ++turn
    node.setAttribute('aria-busy', 'true')
    fill(foot, skeleton(cursor === undefined ? 4 : 2))
    const page = await load(cursor)
    if (mine !== turn) return
    node.removeAttribute('aria-busy')
    shown = page.ok && cursor === undefined ? JSON.stringify(page.rows) : ''
    if (!page.ok)
      return fill(
        foot,
        trouble(page.sentence, () => bring(cursor)),
      )
    const rows = rowsOf(page.rows, false)
    if (cursor === undefined) items.replaceChildren(...rows)
    else items.append(...rows)
    if (items.childElementCount === 0) return fill(foot, h('div', { class: 'empty' }, empty()))
    if (page.next === null || page.next === undefined) return fill(foot)
    fill(foot, action(text.more, () => bring(page.next), { kind: 'quiet' }).button)
  }

  return {
    node,
    again() {
      known = new Set()
      items.replaceChildren()
      return bring()
    },
    /** The first page anew, without the grey lines: what stands there stays until it comes. */
    async renew() {
      const mine = ++turn
      const page = await load()
      if (mine !== turn) return page
      const isFirst = node.hasAttribute('aria-busy')
      node.removeAttribute('aria-busy')
      if (!page.ok) {
        if (isFirst) fill(foot, trouble(page.sentence, bring))
        return page
      }
      const seen = JSON.stringify(page.rows)
      // What is the same stays as it is, with whoever stands on it.
      if (seen === shown && !isFirst) return page
      shown = seen
      items.replaceChildren(...rowsOf(page.rows, !isFirst))
      if (page.rows.length === 0) fill(foot, h('div', { class: 'empty' }, empty()))
      else if (page.next === null || page.next === undefined) fill(foot)
      else fill(foot, action(text.more, () => bring(page.next), { kind: 'quiet' }).button)
      return page
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
  const node = h('div', { class: 'empty', role: 'alert' }, h('p', null, sentence), retry.button)
  whenReached(node, retry.press)
  return node
}

/**
 * The way to a person, shown where something is slow or went wrong.
 *
 * WNF1. Each press is told to the house with what it was about; where a chat is known, it opens.
 */

import { action } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { call } from './api.js'
import { help as words } from './text.id.js'

/** `where` is the page, `id` the order or payment, if there is one. */
export function helpLink(where, id) {
  const node = h('div', { class: 'help-link' })
  const act = action(words.ask, ask, { busy: words.busy, kind: 'plain' })
  fill(node, act.button, act.note)
  return node

  async function ask() {
    // Browsers open a window only within the press itself.
    const answer = await call('POST', '/api/v1/help', {
      where,
      ...(id === undefined ? {} : { id }),
    })
    if (!answer.ok) return act.say(answer.sentence)
    const address = answer.data?.url ?? answer.data?.help_url ?? ''
    fill(
      node,
      h('p', { class: 'notice', 'data-tone': 'good', role: 'status' }, words.sent),
      /^https:/.test(address) &&
        h(
          'a',
          { class: 'quiet wide', href: address, target: '_blank', rel: 'noopener' },
          words.open,
        ),
    )
    node.querySelector('a')?.focus()
  }
}

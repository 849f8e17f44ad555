/** What people ask before and after. */

import { h } from '../kit/dom.js'
import { helpLink } from './help.js'
import { faq as words } from './text.id.js'

export function open({ node, title }) {
  title(words.title)
  node.append(
    h(
      'div',
      null,
      words.questions.map(([question, answer]) =>
        h('details', { class: 'card' }, h('summary', null, question), h('p', null, answer)),
      ),
    ),
    h('section', null, h('p', { class: 'soft' }, words.more), helpLink('faq')),
  )
}

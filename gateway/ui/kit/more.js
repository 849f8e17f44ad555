/** On a phone: the way to everything that does not stand below. */

import { action } from './action.js'
import { h, icon } from './dom.js'
import { text } from './text.id.js'

/** `who` says who is signed in; `nav` are the menu's words. */
export const morePage =
  ({ nav, who }) =>
  ({ node, title, leaveArea, ways }) => {
    title(nav.lainnya)
    const leave = action(text.leave, leaveArea, { busy: text.leaving, kind: 'quiet' })
    node.append(
      h('p', { class: 'soft' }, who()),
      h(
        'ul',
        { class: 'rows' },
        ways().map(([word, shape]) =>
          h('li', null, h('a', { class: 'way', href: `#/${word}` }, icon(shape), nav[word])),
        ),
      ),
      leave.button,
    )
  }

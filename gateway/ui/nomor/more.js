/** On a phone: what does not stand below. */

import { h } from '../kit/dom.js'
import { morePage } from '../kit/more.js'
import { session } from '../kit/session.js'
import { nav, more as words } from './text.id.js'

const page = morePage({ nav, who: () => session.user.name })

export function open(doors) {
  page(doors)
  doors.node.append(h('p', null, h('a', { href: '/docs' }, words.guide)))
}

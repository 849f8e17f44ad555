/** For who is signed in with an account of another area: where that one is. */

import { h } from '../kit/dom.js'
import { text } from './text.id.js'

const words = text.elsewhere

export function open({ node, title }) {
  title(words.title)
  node.append(
    h('p', null, words.why),
    h('p', { class: 'ways' }, h('a', { class: 'button', href: '/nomor' }, words.go)),
  )
}

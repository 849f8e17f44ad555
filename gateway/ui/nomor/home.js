/** Where one begins who is not signed in: one big button, and how it goes. */

import { h, icon } from '../kit/dom.js'
import { scene } from './scene.js'
import { home as words } from './text.id.js'

export const buy = () => h('a', { class: 'button huge', href: '#/beli' }, icon('buy'), words.buy)

export function open({ node, title }) {
  node.classList.add('home')
  title(words.guest)
  node.prepend(scene('hello'))
  node.append(
    h('p', { class: 'soft lead' }, words.intro),
    buy(),
    h(
      'p',
      { class: 'pair' },
      h('a', { class: 'quiet', href: '#/masuk' }, words.enter),
      h('a', { class: 'quiet', href: '#/daftar' }, words.register),
    ),
    h(
      'section',
      null,
      h('h2', null, words.how),
      h(
        'ol',
        { class: 'how' },
        words.steps.map(([what, more]) =>
          h('li', null, h('b', null, what), h('span', { class: 'soft' }, more)),
        ),
      ),
    ),
    h('p', null, h('a', { href: '#/tanya' }, words.ask)),
  )
}

/** The door: e-mail and password, and ways for who has none or forgot. */

import { fill, h } from '../kit/dom.js'
import { signIn } from '../kit/session.js'
import { signInPage } from '../kit/sign-in.js'
import { sentenceOf } from './api.js'
import { signIn as words } from './text.id.js'

const page = signInPage({
  words: { ...words, username: words.email, intro: words.intro },
  type: 'email',
  sentenceOf,
  signIn: (email, password, code) => signIn({ email: email.toLowerCase(), password, code }),
})

export function open(doors) {
  page(doors)
  const { node, isExpected } = doors
  if (isExpected()) fill(node.querySelector('.soft'), words.kept)
  node.lastElementChild.remove()
  node.append(
    h(
      'p',
      { class: 'ways' },
      h('a', { href: '#/daftar' }, words.register),
      h('a', { href: '#/lupa-sandi' }, words.forgot),
    ),
  )
}

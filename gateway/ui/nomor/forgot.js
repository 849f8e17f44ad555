/** A forgotten password: where the link to a new one is to be sent. */

import { action, form } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { send } from '../kit/session.js'
import { sentenceOf } from './api.js'
import { looksLikeEmail } from './register.js'
import { register, signIn, forgot as words } from './text.id.js'

export function open({ node, title }) {
  title(words.title)
  node.classList.add('door')
  const email = field(
    signIn.email,
    h('input', { type: 'email', autocomplete: 'email', autocapitalize: 'none' }),
  )
  const act = action(words.go, go, { busy: words.busy, submit: true })
  const asking = form([email.node], act)
  node.append(
    h('p', { class: 'soft' }, words.intro),
    asking,
    h('p', null, h('a', { href: '#/masuk' }, words.back)),
  )

  async function go() {
    const address = email.control.value.trim().toLowerCase()
    if (!looksLikeEmail(address)) return email.complain(register.emailWrong)
    const answer = await send('POST', '/api/v1/auth/forgot-password', { email: address }, null)
    if (!answer.ok) return act.say(sentenceOf(answer))
    fill(asking, h('p', { class: 'notice', 'data-tone': 'good', role: 'status' }, words.sent))
  }
}

/** Behind the link of a forgotten password: a new one. */

import { action, form } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { send } from '../kit/session.js'
import { sentenceOf } from './api.js'
import { passwordMin } from './register.js'
import { secretField } from './secret.js'
import { register, reset as words } from './text.id.js'

export function open({ node, title, rest }) {
  title(words.title)
  node.classList.add('door')
  const password = secretField(words.password, register.rule)
  const act = action(words.go, go, { busy: words.busy, submit: true })
  const place = form([password.node], act)
  node.append(place)

  async function go() {
    const wish = { token: rest, password: password.control.value }
    if (wish.password.length < passwordMin) return password.complain(register.passwordShort)
    const answer = await send('POST', '/api/v1/auth/reset-password', wish, null)
    if (answer.ok) {
      return fill(
        place,
        h('p', { class: 'notice', 'data-tone': 'good', role: 'status' }, words.done),
        h('a', { class: 'button', href: '#/masuk' }, words.enter),
      )
    }
    const isOver = answer.code === 'LINK_INVALID' || answer.status === 400
    act.say(isOver ? words.ended : sentenceOf(answer))
    if (isOver) place.append(h('a', { class: 'quiet', href: '#/lupa-sandi' }, words.again))
  }
}

/**
 * An account in four fields, and in where one was going.
 *
 * WNK1. What is wrong is said at its field, before anything is sent, and what only the server can
 *       tell afterwards.
 */

import { action, form } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { bare } from '../kit/format.js'
import { send, signIn } from '../kit/session.js'
import { sentenceOf } from './api.js'
import { scene } from './scene.js'
import { secretField } from './secret.js'
import { register as words } from './text.id.js'

export const passwordMin = 8
export const looksLikeEmail = typed => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(typed)

export function open({ node, title, enter, isExpected }) {
  title(words.title)
  node.classList.add('door')
  const name = field(words.name, h('input', { autocomplete: 'nickname', maxlength: '60' }))
  const email = field(
    words.email,
    h('input', {
      ...{ type: 'email', autocomplete: 'email', autocapitalize: 'none', spellcheck: 'false' },
      maxlength: '100',
    }),
  )
  const phone = field(
    words.phone,
    h('input', { type: 'tel', autocomplete: 'tel', maxlength: '20' }),
  )
  const password = secretField(words.password, words.rule)
  /** What the server may find wrong: its name there, where it stands, and what is said of it. */
  const doubted = [
    ['name', name, words.nameWrong],
    ['email', email, words.emailWrong],
    ['phone', phone, words.phoneWrong],
    ['password', password, words.passwordWrong],
  ]
  const act = action(words.go, go, { busy: words.busy, submit: true })
  node.append(
    h('p', { class: 'soft' }, isExpected() ? words.kept : words.intro),
    form([name.node, email.node, phone.node, password.node], act),
    h('p', null, h('a', { href: '#/masuk' }, words.enter)),
  )

  async function go() {
    const wish = {
      name: name.control.value.trim(),
      email: email.control.value.trim().toLowerCase(),
      password: password.control.value,
    }
    const number = bare(phone.control.value)
    if (wish.name === '') return name.complain(words.nameEmpty)
    if (!looksLikeEmail(wish.email)) return email.complain(words.emailWrong)
    if (number !== '' && !/^\+?\d{9,15}$/.test(number)) return phone.complain(words.phoneWrong)
    if (wish.password.length < passwordMin) return password.complain(words.passwordShort)
    act.say('')
    const body = { ...wish, ...(number === '' ? {} : { phone: number }) }
    const answer = await send('POST', '/api/v1/auth/register', body, null)
    if (!answer.ok) {
      const named = answer.details?.fields?.map(one => one.field) ?? []
      const wrong = doubted.find(([key]) => named.includes(key))
      if (wrong === undefined) return act.say(sentenceOf(answer))
      const [, at, words] = wrong
      return at.complain(words)
    }
    const inside = await signIn({ email: wish.email, password: wish.password })
    if (inside.ok) return enter()
    title(words.mail)
    fill(
      node,
      node.querySelector('h1'),
      scene('success'),
      h('p', { class: 'notice', 'data-tone': 'good', role: 'status' }, words.done(wish.email)),
      h('a', { class: 'button huge', href: '#/masuk' }, words.enterNow),
    )
  }
}

/**
 * The key with which one's own server speaks to ours.
 *
 * WUI1. A new key is asked for with the password and shown once: leaving the page forgets it.
 */

import { action, form } from '../kit/action.js'
import { copyable } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { dayOf } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { keyText } from './text-server.id.js'

const words = keyText

export function open({ node, title }) {
  title(words.title)
  const current = h('div', null, skeleton(2))
  const fresh = h('div')
  const password = field(
    words.password,
    h('input', { type: 'password', autocomplete: 'current-password', maxlength: 200 }),
  )
  const act = action(words.go, rotate, { busy: words.going, submit: true })
  node.append(
    h('p', { class: 'soft' }, words.intro),
    fresh,
    h('section', null, h('h2', null, words.current), current),
    h(
      'section',
      null,
      h('h2', null, words.rotate),
      h('p', { class: 'soft' }, words.warn),
      form([password.node], act),
    ),
    h('p', null, h('a', { href: '/docs' }, words.docs)),
  )
  void look()

  async function look() {
    const answer = await call('GET', '/api/v1/keys')
    if (!answer.ok) return fill(current, trouble(answer.sentence, look))
    const { api_key_hint, hmac_key, created_at, allow_list } = answer.data
    fill(
      current,
      h(
        'dl',
        { class: 'card' },
        hmac_key !== null && line(words.names.hmac_key, hmac_key),
        api_key_hint !== null && line(words.names.api_key, api_key_hint),
        created_at !== null && line(words.since, dayOf(created_at)),
        line(words.allowed, allow_list?.length > 0 ? allow_list.join(', ') : words.allowedAll),
      ),
    )
  }

  async function rotate() {
    if (password.control.value === '') return password.complain(words.passwordEmpty)
    act.say('')
    const answer = await call('POST', '/api/v1/keys/rotate', { password: password.control.value })
    password.control.value = ''
    if (!answer.ok) return act.say(answer.sentence)
    const heading = h('h2', { tabindex: '-1' }, words.fresh)
    fill(
      fresh,
      h(
        'div',
        { class: 'card once' },
        heading,
        h('p', null, words.once),
        Object.entries(words.names).map(([name, label]) =>
          answer.data[name] ? copyable(label, answer.data[name]) : null,
        ),
      ),
    )
    heading.focus()
    void look()
  }
}

const line = (name, value) => h('div', null, h('dt', null, name), h('dd', null, value))

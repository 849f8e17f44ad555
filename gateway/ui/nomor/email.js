/**
 * Another e-mail for who is signed in.
 *
 * WNS1. The e-mail that one has holds until the new one is proven: that is said, and which one is
 *       waited for.
 */

import { action, form } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { looksLikeEmail } from './register.js'
import { scene } from './scene.js'
import { secretField } from './secret.js'
import { profile, register, email as words } from './text.id.js'

const back = () => h('p', null, h('a', { href: '#/profil' }, words.back))

export function open({ node, title }) {
  title(words.title)
  const place = h('div', null, skeleton(3))
  node.append(place)
  void look()

  async function look() {
    const answer = await call('GET', '/api/v1/user/profile')
    if (!answer.ok) return fill(place, trouble(answer.sentence, look))
    show(answer.data)
  }

  function show(me) {
    const next = field(
      words.next,
      h('input', {
        ...{ type: 'email', autocomplete: 'email', autocapitalize: 'none', spellcheck: 'false' },
        maxlength: '100',
      }),
    )
    const password = secretField(words.password, words.why, 'current-password')
    const act = action(words.go, change, { busy: words.busy, submit: true })
    fill(
      place,
      h(
        'div',
        { class: 'card mail' },
        h('p', { class: 'soft' }, words.now),
        h('p', null, h('b', null, me.email)),
        me.next_email !== null && h('p', { class: 'soft' }, profile.nextEmail(me.next_email)),
      ),
      form([next.node, password.node], act),
      back(),
    )

    async function change() {
      const wish = {
        email: next.control.value.trim().toLowerCase(),
        password: password.control.value,
      }
      if (!looksLikeEmail(wish.email)) return next.complain(register.emailWrong)
      if (wish.email === me.email.toLowerCase()) return next.complain(words.same)
      if (wish.password === '') return password.complain(words.empty)
      act.say('')
      const answer = await call('POST', '/api/v1/user/email', wish)
      if (answer.ok) return done(wish.email)
      if (answer.code === 'PASSWORD_WRONG') return password.complain(answer.sentence)
      if (answer.code === 'EMAIL_TAKEN') return next.complain(answer.sentence)
      act.say(answer.sentence)
    }

    function done(wanted) {
      fill(
        place,
        h(
          'div',
          { class: 'moment', role: 'status' },
          scene('success'),
          h('p', { class: 'story' }, words.done(wanted)),
          h('p', null, words.until(me.email)),
        ),
        h('a', { class: 'button huge', href: '#/profil' }, words.back),
      )
    }
  }
}

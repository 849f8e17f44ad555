/**
 * A new password for who is signed in. It ends every session, also this one: so this page goes in
 * again with the new one.
 *
 * WNR1. Who changed his password stays in here, and is told that he is out everywhere else; where
 *       going in again fails he is told at the door which password it is now.
 * WNR2. An answer that did not come is no answer: what holds now shows by going in with it.
 */

import { action, form } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { skeleton, trouble } from '../kit/list.js'
import { go } from '../kit/router.js'
import { signIn } from '../kit/session.js'
import { call } from './api.js'
import { passwordMin } from './register.js'
import { scene } from './scene.js'
import { secretField } from './secret.js'
import { register, password as words } from './text.id.js'

export function open({ node, title, leaveArea }) {
  title(words.title)
  const place = h('div', null, skeleton(3))
  node.append(place)
  void look()

  async function look() {
    const answer = await call('GET', '/api/v1/user/profile')
    if (!answer.ok) return fill(place, trouble(answer.sentence, look))
    show(answer.data.email)
  }

  function show(email) {
    const old = secretField(words.old, '', 'current-password')
    const next = secretField(words.next, register.rule)
    const act = action(words.go, change, { busy: words.busy, submit: true })
    // Nobody sees it: it tells the browser whose password it keeps.
    const whose = h('input', {
      type: 'email',
      autocomplete: 'username',
      value: email,
      hidden: true,
    })
    fill(
      place,
      h('p', { class: 'soft' }, words.intro),
      form([whose, old.node, next.node], act),
      h('p', null, h('a', { href: '#/profil' }, words.back)),
    )
    /** Nobody knows whether the last one was taken. */
    let isUnsure = false

    async function change() {
      const wish = { old: old.control.value, new: next.control.value }
      if (wish.old === '') return old.complain(words.empty)
      if (wish.new.length < passwordMin) return next.complain(register.passwordShort)
      if (wish.new === wish.old) return next.complain(words.same)
      act.say('')
      const inside = () => signIn({ email, password: wish.new })
      if (isUnsure && (await inside()).ok) return done()
      const answer = await call('PUT', '/api/v1/user/profile', { password: wish })
      isUnsure = answer.status === 0 || answer.status >= 500
      if (!answer.ok && !isUnsure) return refuse(answer)
      if ((await inside()).ok) return done()
      if (isUnsure) return act.say(words.unsure, 'warn')
      await leaveArea()
      sessionStorage.setItem('laju.ended', 'password')
      go('#/masuk')
    }

    function refuse({ code, sentence }) {
      if (code === 'PASSWORD_WRONG') old.complain(sentence)
      else act.say(sentence)
    }
  }

  function done() {
    fill(
      place,
      h(
        'div',
        { class: 'moment', role: 'status' },
        scene('success'),
        h('p', { class: 'story' }, words.done),
        h('p', null, words.elsewhere),
      ),
      h('a', { class: 'button huge', href: '#/profil' }, words.back),
    )
  }
}

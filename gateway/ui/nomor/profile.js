/**
 * Who one is here: name, telephone, e-mail and whether it is proven, and where one is signed in.
 *
 * WNL1. The device one holds in one's hand can't be ended here: that is what leaving is for.
 */

import { action, form } from '../kit/action.js'
import { agentIn } from '../kit/agent.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { bare, timeOf } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { ownSession, session } from '../kit/session.js'
import { call } from './api.js'
import { register, profile as words } from './text.id.js'

const root = '/api/v1/auth/sessions'

export function open({ node, title, leaveArea }) {
  title(words.title)
  const who = h('div', null, skeleton(4))
  const places = h('div')
  const leave = action(words.leave, leaveArea, { kind: 'quiet wide' })
  node.append(who, places, leave.button)
  void look()
  void lookAtPlaces()

  async function look() {
    const answer = await call('GET', '/api/v1/user/profile')
    if (!answer.ok) return fill(who, trouble(answer.sentence, look))
    show(answer.data)
  }

  function show(me) {
    const name = field(words.name, h('input', { autocomplete: 'nickname', maxlength: '60' }))
    const phone = field(
      words.phone,
      h('input', { type: 'tel', autocomplete: 'tel', maxlength: '20' }),
    )
    name.control.value = me.name
    phone.control.value = me.phone ?? ''
    const save = action(words.save, keep, { busy: words.saving, submit: true })
    const verify = action(words.verify, mail, { kind: 'quiet' })
    fill(
      who,
      h(
        'div',
        { class: 'card mail' },
        h('p', { class: 'soft' }, words.email),
        h('p', null, h('b', null, me.email)),
        h('p', { class: 'soft' }, me.email_verified ? words.verified : words.unverified),
        me.next_email !== null && h('p', { class: 'soft' }, words.nextEmail(me.next_email)),
        !me.email_verified && [verify.button, verify.note],
      ),
      h(
        'p',
        { class: 'ways' },
        h('a', { class: 'quiet', href: '#/ganti-email' }, words.changeEmail),
        h('a', { class: 'quiet', href: '#/ganti-sandi' }, words.changePassword),
      ),
      form([name.node, phone.node], save),
    )

    async function keep() {
      const number = bare(phone.control.value)
      if (name.control.value.trim() === '') return name.complain(register.nameEmpty)
      if (number !== '' && !/^\+?\d{9,15}$/.test(number)) return phone.complain(register.phoneWrong)
      const wish = { name: name.control.value.trim(), phone: number === '' ? null : number }
      const answer = await call('PUT', '/api/v1/user/profile', wish)
      if (answer.ok) session.user = { ...session.user, name: wish.name }
      save.say(answer.ok ? words.saved : answer.sentence, answer.ok ? 'good' : 'bad')
    }

    async function mail() {
      const answer = await call('POST', '/api/v1/auth/resend-verification', { email: me.email })
      verify.say(answer.ok ? words.verifySent : answer.sentence, answer.ok ? 'good' : 'bad')
    }
  }

  async function lookAtPlaces() {
    const answer = await call('GET', root)
    if (!answer.ok) return fill(places, trouble(answer.sentence, lookAtPlaces))
    const own = ownSession()
    const rows = answer.data.rows.toSorted((a, b) => Number(b.id === own) - Number(a.id === own))
    fill(
      places,
      h('h2', null, words.sessions),
      h(
        'ul',
        { class: 'rows' },
        rows.map(one => h('li', null, placeRow(one, one.id === own))),
      ),
    )
  }

  function placeRow({ id, agent, last_used_at: used }, isOwn) {
    const end = action(words.end, drop, { kind: 'quiet' })
    const { browser, system } = agentIn(agent)
    return h(
      'div',
      { class: 'row' },
      h('b', null, [browser, system].filter(Boolean).join(', ') || words.unknown),
      isOwn ? h('span', { class: 'soft' }, words.own) : h('div', null, end.button, end.note),
      h('span', { class: 'soft' }, words.usedAt(timeOf(used))),
    )

    async function drop() {
      const answer = await call('DELETE', `${root}/${encodeURIComponent(id)}`)
      if (answer.ok || answer.status === 404) return await lookAtPlaces()
      end.say(answer.sentence)
    }
  }
}

/**
 * One address of one's own server: where, in which shape, about what; and a new secret.
 *
 * WUL1. A new secret takes two presses and is shown once: leaving the page forgets it.
 * WUL2. A report without a signature has no secret; one that begins to be signed gets a new one,
 *       because the old one was never told.
 */

import { action, form } from '../kit/action.js'
import { copyable } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { field, select } from '../kit/field.js'
import { timeOf } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { webhookText as words } from './text-server.id.js'

const root = '/api/v1/webhooks'
const unsigned = ['otomax', 'irs', 'digiflazz-seller']

export function editPage({ node, rest, title }) {
  title(words.editTitle)
  const once = h('div')
  const body = h('div', null, skeleton(5))
  const back = h('p', null, h('a', { href: '#/webhook' }, words.back))
  node.append(once, body, back)
  void look()

  async function look() {
    const answer = await call('GET', root)
    if (!answer.ok) return fill(body, trouble(answer.sentence, look))
    const place = answer.data.rows.find(one => one.id === rest)
    if (place === undefined) return fill(body, h('p', { class: 'empty' }, words.gone))
    show(place)
  }

  function show(place) {
    const url = field(
      words.url,
      h('input', { type: 'url', inputmode: 'url', autocomplete: 'off', maxlength: 512 }),
    )
    url.control.value = place.url
    const shape = field(words.shape, select(Object.entries(words.shapes), place.shape))
    const boxes = Object.keys(words.events)
      .filter(name => name !== 'ping')
      .map(name => [
        name,
        h('input', { type: 'checkbox', checked: place.events.includes(name), name }),
      ])
    const events = h(
      'fieldset',
      { class: 'checks' },
      h('legend', null, words.choose),
      boxes.map(([name, box]) => h('label', null, box, words.events[name])),
    )
    const save = action(words.save, keep, { busy: words.saving, submit: true })
    const secret = h('section')
    fill(body, form([url.node, shape.node, events], save), secret)
    secretPart(place)

    async function keep() {
      const wish = {
        url: url.control.value.trim(),
        shape: shape.control.value,
        events: boxes.filter(([, box]) => box.checked).map(([name]) => name),
      }
      if (!/^https?:\/\/\S+$/.test(wish.url)) return url.complain(words.urlEmpty)
      if (wish.events.length === 0) return save.say(words.chooseOne, 'warn')
      save.say('')
      const answer = await call('PUT', `${root}/${place.id}`, wish)
      if (!answer.ok) return save.say(answer.sentence)
      save.say(words.saved, 'good')
      const isNewlySigned = unsigned.includes(place.shape) && !unsigned.includes(wish.shape)
      place = answer.data
      secretPart(place)
      if (isNewlySigned) await rotate(save)
    }

    function secretPart({ shape: kept, former_secret_until: former }) {
      if (unsigned.includes(kept)) return fill(secret, h('p', { class: 'soft' }, words.unsigned))
      const act = action(words.rotate, turn, { kind: 'quiet' })
      let isSure = false
      fill(
        secret,
        h('h2', null, words.rotateTitle),
        h('p', { class: 'soft' }, words.rotateWarn),
        former !== null && h('p', { class: 'soft' }, words.former(timeOf(former))),
        act.note,
        h('div', { class: 'ways' }, act.button),
      )

      async function turn() {
        if (!isSure) {
          isSure = true
          return act.rename(words.rotateSure)
        }
        await rotate(act)
      }
    }

    async function rotate(act) {
      const answer = await call('POST', `${root}/${place.id}/rotate`)
      if (!answer.ok) return act.say(answer.sentence)
      place = answer.data
      secretPart(place)
      const heading = h('h2', { tabindex: '-1' }, words.once)
      fill(once, h('div', { class: 'card once' }, heading, copyable(words.secret, place.secret)))
      heading.focus()
    }
  }
}

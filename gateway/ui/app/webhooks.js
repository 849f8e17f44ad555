/** What one's own server is told: where to, a test, and the log with "again, please". */

import { action, form } from '../kit/action.js'
import { copyable } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { call } from './api.js'
import { text } from './text.id.js'
import { webhookText } from './text-server.id.js'
import { editPage } from './webhook-edit.js'

const words = webhookText
const root = '/api/v1/webhooks'

export function open(page) {
  if (page.rest !== '') return editPage(page)
  const { node, title } = page
  title(words.title)
  const once = h('div')
  const url = field(
    words.url,
    h('input', {
      type: 'url',
      inputmode: 'url',
      autocomplete: 'off',
      placeholder: words.urlLike,
      maxlength: 512,
    }),
  )
  const act = action(words.go, add, { busy: words.going, submit: true })
  const places = pagedList({
    label: words.list,
    row: placeRow,
    empty: () => h('p', null, words.empty),
    async load() {
      const answer = await call('GET', root)
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  const log = pagedList({
    label: words.log,
    row: deliveryRow,
    empty: () => h('p', null, words.logEmpty),
    async load(cursor) {
      const answer = await call('GET', `${root}/deliveries${asking({ limit: 20, cursor })}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const refresh = action(words.refresh, () => log.renew(), { kind: 'quiet' })
  node.append(
    h('p', { class: 'soft' }, words.intro),
    once,
    h('section', null, h('h2', null, words.list), places.node),
    h('section', null, h('h2', null, words.add), form([url.node], act)),
    h(
      'section',
      null,
      h('div', { class: 'head' }, h('h2', null, words.log), refresh.button),
      log.node,
    ),
  )
  void places.again()
  void log.again()

  async function add() {
    const address = url.control.value.trim()
    if (!/^https?:\/\/\S+$/.test(address)) return url.complain(words.urlEmpty)
    act.say('')
    const answer = await call('POST', root, { url: address })
    if (!answer.ok) return act.say(answer.sentence)
    url.control.value = ''
    const heading = h('h3', { tabindex: '-1' }, words.once)
    const { secret } = answer.data
    fill(once, h('div', { class: 'card once' }, heading, secret && copyable(words.secret, secret)))
    heading.focus()
    void places.renew()
  }

  function placeRow(place) {
    const said = h('p', { class: 'notice', role: 'status', hidden: true })
    const say = (sentence, tone) => {
      said.hidden = false
      said.dataset.tone = tone
      said.textContent = sentence
    }
    const ping = action(words.ping, test, { busy: words.pinging, kind: 'quiet' })
    const toggle = action(place.active ? words.pause : words.resume, flip, { kind: 'quiet' })
    const remove = action(words.remove, drop, { kind: 'quiet' })
    let isSure = false
    return h(
      'div',
      { class: 'row tall' },
      h('b', { class: 'address' }, place.url),
      h(
        'span',
        { class: 'pill', 'data-status': place.active ? 'delivered' : 'cancelled' },
        place.active ? words.on : words.off,
      ),
      h(
        'div',
        { class: 'ways' },
        ping.button,
        h('a', { href: `#/webhook/${place.id}`, class: 'quiet' }, words.edit),
        toggle.button,
        remove.button,
      ),
      said,
    )

    async function test() {
      const answer = await call('POST', `${root}/${place.id}/ping`)
      if (!answer.ok) return say(answer.sentence, 'bad')
      const isGood = answer.data.status === 'delivered'
      say(isGood ? words.pinged : words.unpinged, isGood ? 'good' : 'warn')
      void log.renew()
    }

    async function flip() {
      const answer = await call('PUT', `${root}/${place.id}`, { active: !place.active })
      if (!answer.ok) return say(answer.sentence, 'bad')
      await places.renew()
    }

    async function drop() {
      if (!isSure) {
        isSure = true
        return remove.rename(words.removeSure)
      }
      const answer = await call('DELETE', `${root}/${place.id}`)
      if (!answer.ok) return say(answer.sentence, 'bad')
      await places.renew()
    }
  }

  function deliveryRow(one) {
    // A test is simply made again, and what was never tried goes out anyway.
    const mayRepeat = one.event !== 'ping' && one.attempts > 0
    const again = action(words.replay, replay, { kind: 'quiet' })
    const heard = one.answer_status === null ? words.unanswered : words.answer(one.answer_status)
    return h(
      'div',
      { class: 'row tall', 'data-delivery': one.id },
      h('b', null, words.events[one.event] ?? one.event),
      h('span', { class: 'pill', 'data-status': one.status }, words.status[one.status]),
      h(
        'span',
        { class: 'soft' },
        [timeOf(one.created_at), words.tried(one.attempts), one.attempts > 0 && heard]
          .filter(Boolean)
          .join(' · '),
      ),
      one.trx_id !== null &&
        h('a', { class: 'small', href: `#/pesanan/${one.trx_id}` }, text.order.title),
      mayRepeat && h('div', { class: 'ways' }, again.button),
      again.note,
    )

    async function replay() {
      const answer = await call('POST', `${root}/replay`, { delivery_id: one.id })
      if (!answer.ok) return again.say(answer.sentence)
      again.say(words.replayed, 'good')
    }
  }
}

/**
 * Where one is signed in, and the way to end what is not one's own doing.
 *
 * WUM1. The session of this very page is marked, and can't be ended here: that is what leaving is
 *       for.
 * WUM2. Ending one takes two presses.
 */

import { action } from '../kit/action.js'
import { agentIn } from '../kit/agent.js'
import { fill, h } from '../kit/dom.js'
import { timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { ownSession } from '../kit/session.js'
import { call } from './api.js'
import { sessionsText as words } from './text-server.id.js'

const root = '/api/v1/auth/sessions'

export function open({ node, title }) {
  title(words.title)
  const rest = h('div')
  let others = []
  const list = pagedList({
    label: words.list,
    row: sessionRow,
    empty: () => h('p', null, words.alone),
    async load() {
      const answer = await call('GET', root)
      const own = ownSession()
      const rows = answer.data?.rows.toSorted((a, b) => Number(b.id === own) - Number(a.id === own))
      others = rows?.filter(one => one.id !== own) ?? []
      fill(rest, answer.ok && foot())
      return { ...answer, rows, next: null }
    },
  })
  node.append(h('p', { class: 'soft' }, words.intro), list.node, rest)
  void list.again()

  function foot() {
    if (others.length === 0) return h('p', { class: 'soft' }, words.alone)
    return others.length > 1 && ender(words.endOthers, () => others).node
  }

  function sessionRow(one) {
    const isOwn = one.id === ownSession()
    return h(
      'div',
      { class: 'row tall', 'data-session': one.id },
      h('b', null, deviceOf(one.agent)),
      isOwn && h('span', { class: 'pill', 'data-status': 'delivered' }, words.own),
      h(
        'span',
        { class: 'soft wide' },
        [words.used(timeOf(one.last_used_at)), words.since(timeOf(one.created_at)), one.address]
          .filter(part => part !== '')
          .join(' · '),
      ),
      !isOwn && ender(words.end, () => [one]).node,
    )
  }

  function ender(name, which) {
    const act = action(name, end, { busy: words.ending, kind: 'quiet' })
    let isSure = false

    async function end() {
      if (!isSure) {
        isSure = true
        return act.rename(words.endSure)
      }
      for (const { id } of which()) {
        const answer = await call('DELETE', `${root}/${encodeURIComponent(id)}`)
        // One that has just ended by itself is what was wished for.
        if (!answer.ok && answer.status !== 404) return act.say(answer.sentence)
      }
      await list.renew()
    }

    return { node: h('div', { class: 'ways' }, act.button, act.note) }
  }
}

/** What a person calls it; the first that fits. */
export function deviceOf(agent) {
  const { browser, system } = agentIn(agent)
  if (browser === undefined) return system ?? words.unknown
  return system === undefined ? browser : words.on(browser, system)
}

/** Accounts that behave oddly and wait for a verdict, and apps that are not offered here. */

import { fill, h } from '../kit/dom.js'
import { timeOf } from '../kit/format.js'
import { pagedList, trouble } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { cells, choice, input, soft, strong } from './cells.js'
import { deed, needed } from './deed.js'
import { call } from './desk.js'
import { numberWays, reasonOf, root } from './number-ways.js'
import { usual } from './text.id.js'
import { ways, reviews as words } from './text-number.id.js'

export function open({ node, title }) {
  title(words.title)
  const list = pagedList({
    label: words.queue,
    row: reviewRow,
    empty: () => h('p', null, words.empty),
    async load(cursor) {
      const answer = await call('GET', `${root}/abuse${asking({ limit: 25, cursor, open: true })}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const denied = h('div')
  node.append(
    numberWays('nomor-tinjauan'),
    h('p', { class: 'soft' }, words.intro),
    h('section', null, h('h2', null, words.queue), list.node),
    h('section', null, h('h2', null, words.denied), denied),
  )
  void list.again()
  void look()

  async function look() {
    const answer = await call('GET', `${root}/denied-services`)
    if (!answer.ok) return fill(denied, trouble(answer.sentence, look))
    const { rows } = answer.data
    fill(
      denied,
      rows.length === 0
        ? h('p', { class: 'soft' }, words.noDenied)
        : h(
            'ul',
            { class: 'rows' },
            rows.map(one => h('li', null, deniedRow(one))),
          ),
      h(
        'div',
        { class: 'deeds' },
        deed({
          ...{ name: words.deny, group: 'admins', path: `${root}/denied-services`, after: look },
          fields: [input('pattern', words.pattern, { maxlength: 60, read: needed }), reason()],
        }),
      ),
    )
  }

  function deniedRow({ pattern, reason: why, by, at }) {
    const row = cells(
      null,
      strong(pattern),
      soft(`${usual.by(by)}, ${timeOf(at)}`),
      h('div', { class: 'wide soft' }, why),
      deed({
        ...{ name: words.allow, group: 'admins', method: 'DELETE', sure: true, after: look },
        ...{ path: `${root}/denied-services`, body: () => ({ pattern }) },
      }),
    )
    row.classList.add('tall')
    row.lastElementChild.classList.add('wide')
    return row
  }

  function reviewRow(one) {
    const row = cells(
      null,
      strong(one.username ?? one.user_id),
      soft(timeOf(one.opened_at)),
      h('span', null, words.why[one.why] ?? one.why),
      soft(words.measured(one.value, one.threshold)),
      one.ban_ends_at === null
        ? null
        : h('div', { class: 'wide soft' }, words.bannedTill(timeOf(one.ban_ends_at))),
      h(
        'div',
        { class: 'wide deeds' },
        h('p', { class: 'ways' }, h('a', { href: `#/nomor-pengguna/${one.user_id}` }, words.user)),
        verdict(one, 'clear', []),
        verdict(one, 'ban', [choice('hours', words.hours, words.hoursOf, { read: Number })]),
      ),
    )
    row.classList.add('tall')
    return row
  }

  const verdict = (one, what, fields) =>
    deed({
      ...{ name: words[what], group: 'admins', path: `${root}/abuse/${one.id}/decide` },
      fields: [...fields, reason()],
      body: values => ({ ...values, verdict: what }),
      after: () => void list.renew(),
    })
}

const reason = () => input('reason', ways.reason, { maxlength: 300, read: reasonOf })

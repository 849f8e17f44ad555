/** Files that are made behind the answer: asked for, watched, taken along. */

import { action } from '../kit/action.js'
import { h } from '../kit/dom.js'
import { count, dayBegan, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { watch } from '../kit/watch.js'
import { choice, soft, strong } from './cells.js'
import { deed } from './deed.js'
import { call, download, names } from './desk.js'
import { payments, usual, exports_ as words } from './text.id.js'

const tones = { done: 'good', failed: 'bad', queued: 'warn', running: 'warn' }
const daysOf = { today: 0, week: 6, month: 29 }

export async function open({ node, title, signal }) {
  title(words.title)
  const known = await names()
  const list = pagedList({
    label: words.title,
    row: exportRow,
    empty: () => h('p', null, words.empty),
    async load(cursor) {
      const answer = await call('GET', `/admin/exports${asking({ limit: 25, cursor })}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const pairs = known.merchants.map(one => [one.merchant_id, one.name])
  node.append(
    h('p', { class: 'soft' }, words.intro),
    deed({
      ...{ name: words.add, group: 'payers', path: '/admin/exports', after: () => list.renew() },
      fields: [
        choice('kind', words.kind, Object.entries(words.kinds)),
        choice('period', words.period, Object.entries(payments.periods)),
        choice('merchant_id', words.merchant, [['', usual.all], ...pairs]),
      ],
      body: ({ period, ...wish }) =>
        daysOf[period] === undefined ? wish : { ...wish, from: dayBegan(daysOf[period]) },
    }),
    list.node,
  )
  void list.again()
  watch(async () => scrollY > 400 || (await list.renew()).ok, { node, signal })

  function exportRow(job) {
    const isUnderWay = job.status === 'queued' || job.status === 'running'
    const bar = h('progress', { max: 1, 'aria-label': words.progress })
    if (job.progress !== null) bar.value = job.progress
    return h(
      'div',
      { class: 'row tall', 'data-export': job.id },
      strong(words.kinds[job.kind]),
      pill(tones[job.status] ?? 'soft', words.statuses[job.status]),
      soft(
        [words.rows(job.rows), job.capped && words.capped, job.bytes > 0 && sizeOf(job.bytes)]
          .filter(Boolean)
          .join(' · '),
      ),
      soft(`${timeOf(job.created_at)} ${usual.by(job.asked_by)}`),
      job.problem !== '' && h('span', { class: 'wide' }, job.problem),
      isUnderWay && h('div', { class: 'wide' }, bar),
      isUnderWay &&
        h(
          'div',
          { class: 'deeds wide' },
          deed({
            ...{ name: words.cancel, group: 'payers', path: `/admin/exports/${job.id}/cancel` },
            after: () => list.renew(),
          }),
        ),
      job.download !== null && h('div', { class: 'deeds wide' }, taker(job)),
    )
  }
}

function taker(job) {
  const act = action(words.download, take, { busy: usual.downloading, kind: 'quiet' })
  return h('div', { class: 'deed' }, act.button, act.note)

  async function take() {
    const answer = await download(job.download, `${job.kind}.csv`)
    if (!answer.ok) act.say(answer.sentence)
  }
}

const sizeOf = bytes =>
  bytes < 1_000_000 ? `${count(Math.ceil(bytes / 1_000))} kB` : `${count(bytes / 1_000_000)} MB`

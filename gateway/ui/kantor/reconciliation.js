/**
 * What the acquirer reports, what our books say and what the bank did, held against each other;
 * each difference has an age, an owner, and an end with a note.
 */

import { h } from '../kit/dom.js'
import { dayOf, rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { cells, filters, input, money, soft, strong } from './cells.js'
import { deed, needed, reasoned } from './deed.js'
import { call } from './desk.js'
import { heldBatches } from './held-batches.js'
import { payments, usual } from './text.id.js'
import { callbacks, held, settlements, recon as words } from './text-money.id.js'

const root = '/admin/reconciliation'
const tones = { open: 'bad', healed: 'good', resolved: 'soft' }

export function open({ node, query, title }) {
  title(words.title)
  const any = ['', usual.all]
  const bar = filters(
    query,
    [
      ['status', words.status, [any, ...Object.entries(words.statuses)], 'open'],
      ['sumber', words.kind, [any, ...Object.entries(words.kinds)]],
    ],
    again,
  )
  const breaks = pagedList({
    label: words.breaks,
    row: breakRow,
    empty: () => h('p', null, words.noBreaks),
    async load(cursor) {
      const asked = { limit: 50, cursor, status: bar.value('status'), kind: bar.value('sumber') }
      const answer = await call('GET', `${root}/breaks${asking(asked)}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const statuses = [any, ...Object.entries(settlements.statuses)]
  const batchBar = filters(query, [['pencairan', settlements.status, statuses]], () => {
    note()
    void batches.again()
  })
  const batches = heldBatches(() => batchBar.value('pencairan'))
  const runs = pagedList({
    label: words.runs,
    shape: 'c4',
    row: runRow,
    empty: () => h('p', null, words.noRuns),
    async load() {
      const answer = await call('GET', `${root}/runs?limit=20`)
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  node.append(
    h('p', { class: 'soft' }, words.intro),
    h(
      'div',
      { class: 'deeds' },
      upload('acquirer'),
      upload('bank'),
      deed({ name: words.ledger, group: 'payers', path: `${root}/ledger`, after: ran }),
    ),
    h('section', null, h('h2', null, words.breaks), bar.node, breaks.node),
    h(
      'section',
      null,
      h('h2', null, held.title),
      h('p', { class: 'soft' }, held.intro),
      batchBar.node,
      batches.node,
    ),
    h('section', null, h('h2', null, words.runs), runs.node),
  )
  void breaks.again()
  void batches.again()
  void runs.again()

  function upload(kind) {
    const file = input('file', words.file, { type: 'file', accept: '.csv,text/csv' })
    const day = input('day', words.day, { type: 'date', read: needed })
    let text = ''
    file.control.addEventListener('change', async () => {
      text = (await file.control.files[0]?.text()) ?? ''
    })
    file.read = Object.assign(() => text || undefined, { says: words.fileEmpty })
    const path = () => {
      const name = file.control.files[0]?.name ?? 'file.csv'
      return `${root}/${kind}${asking({ day: day.control.value, name })}`
    }
    return deed({
      ...{ name: words.upload[kind], group: 'payers', path },
      ...{ fields: [day, file], body: () => ({ file: text }), after: ran },
      says: unreadable,
    })
  }

  async function ran({ run, breaks: n }, act) {
    act.say(words.found(run.rows, run.matched, n), n === 0 ? 'good' : 'warn')
    await Promise.all([breaks.renew(), batches.renew(), runs.renew()])
  }

  function breakRow(one) {
    const isOpen = one.status === 'open'
    const path = `${root}/breaks/${one.id}`
    const after = () => Promise.all([breaks.renew(), batches.renew()])
    return h(
      'div',
      { class: 'row tall', 'data-break': one.id },
      strong(words.what[one.what] ?? one.what),
      pill(tones[one.status], isOpen ? words.age(one.age_days) : words.statuses[one.status]),
      soft(`${words.kinds[one.kind]} · ${dayWords(one.day)} · ${one.key}`),
      soft(
        [
          one.ours !== null && `${words.ours} ${rupiah(one.ours)}`,
          one.theirs !== null && `${words.theirs} ${rupiah(one.theirs)}`,
        ]
          .filter(Boolean)
          .join(' · '),
      ),
      h(
        'span',
        { class: 'soft wide' },
        one.owner === null ? words.nobody : words.owner(one.owner),
        one.note !== '' && ` · ${one.note}`,
      ),
      one.subject !== null &&
        h(
          'p',
          { class: 'ways wide' },
          one.kind === 'acquirer'
            ? h('a', { href: `#/transaksi/${one.subject}` }, callbacks.transaction)
            : h('a', { href: `#/pencairan/${one.subject}` }, payments.batch),
        ),
      isOpen &&
        h(
          'div',
          { class: 'deeds wide' },
          deed({ name: words.own, group: 'payers', path: `${path}/own`, after }),
          deed({
            ...{ name: words.resolve, group: 'payers', path: `${path}/resolve`, after },
            fields: [input('note', words.note, { maxlength: 300, read: reasoned })],
          }),
        ),
    )
  }

  function note() {
    remember('rekonsiliasi', { ...bar.values(), ...batchBar.values() })
  }

  function again() {
    note()
    void breaks.again()
  }
}

/** Which line of a file can't be read, and why. */
const unreadable = ({ code, sentence, details: { line, problem, columns } = {} }) => {
  if (code !== 'STATEMENT_UNREADABLE' || line === undefined) return sentence
  const why = (words.unreadable[problem] ?? words.unreadable.any)(line, columns, problem)
  return `${why} ${words.nothingKept}`
}

const runRow = one =>
  cells(
    null,
    strong(`${words.kinds[one.kind]} · ${dayWords(one.day)}`),
    money(rupiah(one.ours)),
    soft(words.matched(one.matched, one.rows)),
    soft(`${timeOf(one.created_at)} ${usual.by(one.asked_by)}`),
  )

const dayWords = day => dayOf(`${day}T12:00:00+07:00`)

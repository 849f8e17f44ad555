/**
 * Many orders at once: pasted or out of a file, looked through before they are bought, and then
 * watched row by row.
 *
 * WUO1. Nothing is sent while a line is not understood, and what was looked through is what is
 *       sent.
 * WUO2. A list is bought once, however often it is sent: it and each of its rows have references.
 * WUO3. The results come by themselves until every row has its end, also after a reload.
 */

import { action, form } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { go } from '../kit/router.js'
import { session } from '../kit/session.js'
import { call, decide } from './api.js'
import { linesMax, readLines } from './bulk-lines.js'
import { pill } from './order-row.js'
import { nameOf, products } from './products.js'
import { codeText } from './text.id.js'
import { bulkText as words } from './text-server.id.js'

const path = '/api/v1/transactions/bulk'
const fileBytesMax = 1_000_000
const pauseMs = 1_500
/** Of the list's reference, what each row's begins with: so many rows fit into one request. */
const rowRefLength = 20
const ends = new Set(['SUCCESS', 'FAILED', 'REFUND'])

export function open(page) {
  if (page.rest !== '') return jobPage(page)
  const { node, title } = page
  title(words.title)
  const list = field(
    words.rows,
    h('textarea', { rows: 8, placeholder: words.like, spellcheck: 'false', autocomplete: 'off' }),
  )
  const file = h('input', { type: 'file', accept: '.csv,.txt,text/csv,text/plain', hidden: true })
  file.addEventListener('change', () => void readFile())
  const choose = action(words.file, () => file.click(), { kind: 'quiet' })
  const act = action(words.check, check, { busy: words.checking, submit: true })
  const body = h('div')
  const last = sessionStorage.getItem(lastPlace())
  const asking = h(
    'div',
    null,
    h('p', { class: 'soft' }, words.intro),
    form([list.node, h('div', { class: 'ways' }, choose.button, file), choose.note], act),
    h(
      'p',
      { class: 'ways' },
      h('a', { href: '#/harga' }, words.codes),
      last !== null && h('a', { href: `#/borongan/${last}` }, words.last),
    ),
  )
  node.append(asking, body)

  async function readFile() {
    const [chosen] = file.files
    if (chosen === undefined) return
    const text = chosen.size > fileBytesMax ? null : await chosen.text().catch(() => null)
    file.value = ''
    choose.say('')
    if (text === null || text.includes('\0')) return choose.say(words.fileBad)
    list.control.value = text.replace(/^\uFEFF/, '').trim()
    list.complain('')
    list.control.focus()
  }

  async function check() {
    act.say('')
    fill(body)
    if (list.control.value.trim() === '') return list.complain(words.empty)
    const shelf = await products()
    if (!shelf.ok) return act.say(shelf.sentence)
    const rows = readLines(list.control.value, shelf.byCode)
    if (rows.length === 0) return list.complain(words.empty)
    if (rows.length > linesMax) return list.complain(words.many(linesMax))
    const wrong = rows.filter(row => row.problem !== null)
    if (wrong.length === 0) return preview(rows)
    act.say(words.fix(wrong.length), 'warn')
    fill(body, h('ul', { class: 'rows', 'aria-label': words.wrong }, wrong.map(wrongRow)))
  }

  function preview(rows) {
    const total = rows.reduce((sum, row) => sum + row.price, 0)
    const heading = h('h2', { tabindex: '-1' }, words.preview)
    const left = h('dd', null, '…')
    const buy = action(words.send(rows.length), () => send(rows), { busy: words.sending })
    const change = action(words.change, back, { kind: 'quiet' })
    asking.hidden = true
    fill(
      body,
      heading,
      h('ul', { class: 'rows', 'aria-label': words.preview }, rows.map(orderLine)),
      h(
        'div',
        { class: 'card' },
        h('p', null, h('b', null, words.total(rows.length, total))),
        h('dl', null, h('div', null, h('dt', null, words.left), left)),
      ),
      buy.note,
      buy.button,
      change.button,
    )
    heading.focus()
    void call('GET', '/api/v1/balance').then(answer => {
      if (!answer.ok) return left.parentElement.remove()
      const rest = answer.data.available - total
      left.textContent = rupiah(Math.max(0, rest))
      if (rest < 0) buy.say(words.short(-rest), 'warn')
    })

    async function send() {
      buy.say('')
      const answer = await decide(`bulk ${keyOf(rows)}`, path, ref => ({
        ref_id: ref,
        rows: rows.map(({ code, number, price }, index) => ({
          ref_id: `${ref.slice(0, rowRefLength)}-${index + 1}`,
          product_code: code,
          destination: number,
          max_price: price,
        })),
      }))
      if (!answer.ok) return buy.say(answer.sentence, answer.isLost ? 'warn' : 'bad')
      sessionStorage.setItem(lastPlace(), answer.data.bulk_id)
      go(`#/borongan/${answer.data.bulk_id}`, { replace: true })
    }

    function back() {
      asking.hidden = false
      fill(body)
      list.control.focus()
    }
  }
}

const lastPlace = () => `laju.bulk.${session.user?.user_id}`
const keyOf = rows => rows.map(({ code, number, price }) => `${code} ${number} ${price}`).join(',')

const wrongRow = ({ n, code, number, problem }) =>
  h(
    'li',
    null,
    h(
      'div',
      { class: 'row tall' },
      h('b', null, `${code} ${number}`.trim()),
      h('span', { class: 'soft' }, words.line(n)),
      h('span', { class: 'help bad wide' }, words.problems[problem]),
    ),
  )

const orderLine = ({ name, number, price }) =>
  h(
    'li',
    null,
    h(
      'div',
      { class: 'row' },
      h('b', null, name),
      h('span', { class: 'money' }, rupiah(price)),
      h('span', { class: 'soft' }, number),
    ),
  )

function jobPage({ node, rest, title, signal }) {
  title(words.job)
  const body = h('div', null, skeleton(5))
  const again = h(
    'p',
    { class: 'ways' },
    h('a', { href: '#/borongan', class: 'button' }, words.fresh),
  )
  node.append(body, again)
  const bar = h('progress', { max: 1, value: 0, 'aria-label': words.job })
  const done = h('b')
  const counts = h('p', { class: 'soft' })
  const state = h('p', { class: 'soft', role: 'status' })
  const items = h('ul', { class: 'rows', 'aria-label': words.results })
  let timer = 0
  let before = ''
  signal.addEventListener('abort', () => clearTimeout(timer))
  void look()

  async function look() {
    const [answer] = await Promise.all([
      call('GET', `${path}/${encodeURIComponent(rest)}?limit=${linesMax}`),
      products(),
    ])
    if (signal.aborted) return
    if (answer.ok) return show(answer.data)
    if (before === '') return fill(body, trouble(answer.sentence, look))
    state.textContent = words.offline
    timer = setTimeout(look, pauseMs * 4)
  }

  function show(job) {
    if (job.rows.length === 0) return fill(body, h('p', { class: 'empty' }, words.old))
    const { total, success, failed, refused } = job
    const finished = job.rows.filter(row => row.result === 'refused' || ends.has(row.status)).length
    if (before === '') {
      fill(
        body,
        h('div', { class: 'card pay' }, done, bar, counts, state),
        h('h2', null, words.results),
        items,
      )
    }
    bar.max = total
    bar.value = finished
    done.textContent = words.done(finished, total)
    const open = total - success - failed - refused
    counts.textContent = Object.entries({ success, failed, refused, open })
      .filter(([, n]) => n > 0)
      .map(([name, n]) => words.tally[name](n))
      .join(' · ')
    state.textContent = finished < total ? words.stay : words.over
    const now = JSON.stringify(job.rows)
    if (now !== before) items.replaceChildren(...job.rows.map(row => h('li', null, resultRow(row))))
    before = now
    if (finished < total) timer = setTimeout(look, pauseMs)
  }
}

function resultRow(row) {
  const { product_code: code, destination, result, trx_id: trxId, status, sn } = row
  const isRefused = result === 'refused'
  const inside = [
    h('b', null, nameOf(code)),
    status !== null && !isRefused
      ? pill(status)
      : h(
          'span',
          { class: 'pill', 'data-status': isRefused ? 'FAILED' : null },
          isRefused ? words.refused : words.waiting,
        ),
    h('span', { class: 'soft' }, destination),
    sn && h('span', { class: 'soft' }, sn),
    isRefused &&
      h(
        'span',
        { class: 'soft wide' },
        codeText[row.error_code] ?? row.message ?? words.refusedElse,
      ),
  ]
  return trxId === null || isRefused
    ? h('div', { class: 'row tall', 'data-row': row.n }, inside)
    : h('a', { class: 'row', href: `#/pesanan/${trxId}`, 'data-row': row.n }, inside)
}

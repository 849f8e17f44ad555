/**
 * A QR for an amount: asked for here, drawn here, and turned to the payer. The page says by itself
 * that it was paid.
 *
 * WPF1. Who may not make one, or can't now, is told why before he tries.
 * WPF2. One press is one QR, also when the answer is lost on the way.
 * WPF3. Who presses before the terminals have come waits for them.
 */

import { action, form } from '../kit/action.js'
import { amountField } from '../kit/amount.js'
import { fill, h } from '../kit/dom.js'
import { field, select } from '../kit/field.js'
import { rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { go } from '../kit/router.js'
import { watch } from '../kit/watch.js'
import { call, decide, forgetTerminals, live, session, shopNow, terminals } from './desk.js'
import { soundWords, statusPill } from './payment-row.js'
import { closedWords, timeLeft, charge as words } from './text.id.js'

const usual = [10_000, 20_000, 50_000, 100_000]
const makers = ['owner', 'ops']
const tickMs = 1_000
const watchMs = 2_000

export function open(page) {
  if (page.rest !== '') return showQr(page)
  const { node, title } = page
  title(words.title)
  const amount = amountField({
    ...{ label: words.amount, empty: words.amountEmpty, chipsLabel: words.usual, usual },
  })
  const till = field(words.terminal, select([]))
  till.node.hidden = true
  const act = action(words.go, make, { busy: words.going, submit: true })
  node.append(
    h('p', { class: 'soft' }, words.intro),
    form([amount.node, amount.chips, till.node], act),
  )
  let asked = begin()

  /** The terminals to choose from, or word of what is in the way. */
  async function begin() {
    if (!makers.includes(session.user.role)) return act.bar(words.mayNot)
    const why = closedWords(await shopNow())
    if (why !== '') return act.bar(why)
    const answer = await terminals()
    if (!answer.ok) return act.say(answer.sentence)
    const good = answer.data.rows.filter(one => one.active && one.kind === 'dynamic')
    if (good.length === 0) {
      forgetTerminals()
      return act.bar(words.noTerminal)
    }
    fill(
      till.control,
      good.map(one => h('option', { value: one.terminal_id }, one.label)),
    )
    till.node.hidden = good.length === 1
    amount.control.focus({ preventScroll: true })
  }

  async function make() {
    const value = amount.take()
    if (value === null) return
    act.say('')
    await asked
    if (till.control.value === '') await (asked = begin())
    if (till.control.value === '') return
    const wish = { terminal_id: till.control.value, amount: value }
    const answer = await decide('POST', '/merchant/transactions', wish)
    if (!answer.ok) return act.say(answer.sentence)
    amount.clear()
    go(`#/qr/${answer.data.transaction_id}`)
  }
}

function showQr({ node, rest, title, signal }) {
  title(words.show)
  node.classList.add('showing')
  const left = h('p', { class: 'soft', role: 'timer' })
  const body = h('div', null, skeleton(3))
  node.append(body)
  let known = null
  void look()
  watch(
    async () =>
      known?.status !== 'pending' && known?.sound.outcome !== null ? true : await look(),
    {
      ...{ node, signal, pauseMs: watchMs, live },
    },
  )
  const clock = setInterval(countDown, tickMs)
  signal.addEventListener('abort', () => clearInterval(clock))

  function countDown() {
    if (known?.status !== 'pending' || known.expires_at === null) return
    left.textContent = words.left(timeLeft(Date.parse(known.expires_at) - Date.now()))
  }

  async function look() {
    const answer = await call('GET', `/merchant/transactions/${encodeURIComponent(rest)}`)
    if (answer.ok) await show(answer.data)
    else if (known === null) fill(body, trouble(answer.sentence, look))
    return answer.ok
  }

  async function show(payment) {
    const before = known
    known = payment
    if (payment.status === 'pending') {
      if (before === null) await draw(payment)
      return countDown()
    }
    if (before !== null && before.updated_at === payment.updated_at) return
    const heard = soundWords(payment)
    const isPaid = payment.paid_at !== null
    title(isPaid ? words.paid : words.ended)
    fill(
      body,
      h(
        'div',
        { class: 'banner done', role: 'status', 'data-tone': isPaid ? 'good' : 'soft' },
        statusPill(payment),
        h('output', { class: 'big' }, rupiah(payment.amount)),
        isPaid
          ? heard !== null && h('p', null, heard.words)
          : h('p', null, payment.status === 'failed' ? words.failed : words.over),
      ),
      h(
        'p',
        { class: 'ways' },
        h('a', { class: 'button', href: '#/qr' }, words.again),
        h('a', { href: `#/transaksi/${payment.transaction_id}` }, words.detail),
      ),
    )
  }

  async function draw({ qr_string: content, amount }) {
    const { qrDrawing } = await import('../kit/qr.js')
    const sheet = h(
      'div',
      { class: 'card sheet' },
      h('p', { class: 'qris' }, 'QRIS'),
      h('p', { class: 'who' }, session.user.shop.qr_name),
      qrDrawing(content, words.drawing(rupiah(amount))),
      h('output', { class: 'big' }, rupiah(amount)),
      left,
    )
    const full = h('button', { type: 'button', class: 'quiet full' }, words.full)
    full.addEventListener('click', () => void sheet.requestFullscreen?.())
    fill(body, sheet, h('p', { class: 'soft', role: 'status' }, words.waiting), full)
  }
}

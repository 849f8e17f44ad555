/**
 * One payment through a gateway: how it is paid, and how it stands.
 *
 * WUQ1. That it was paid is seen by itself, from the fact that comes; what is not about it asks
 *       nothing, and who asked too often asks once more a little later.
 * WUQ2. Drawing it early says what that costs first, and takes no more.
 */

import { action } from '../kit/action.js'
import { copyable, copyButton } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { listen } from './live.js'
import { aboutTime } from './text.id.js'
import { wayName, pay as words } from './text-ways.id.js'
import { payPill } from './ways.js'

const tickMs = 30_000
const laterMs = 8_000
const lasting = new Set(['pending', 'processing', 'checking'])

export function open({ node, rest, title, signal }) {
  title(words.title)
  const path = `/api/v1/deposit/${encodeURIComponent(rest)}`
  const body = h('div', null, skeleton(5))
  node.append(body)
  const left = h('p', { class: 'soft' })
  let known = null
  let retry = 0
  listen((name, data) => {
    if (name === 'ready') return void look()
    if (known === null || data?.intent_id !== known.intent_id) return
    // What was in doubt is told as money that came.
    const isNews = name.startsWith('deposit:') || known.status === 'checking'
    if (isNews && data.status !== known.status) void look()
  }, signal)
  const clock = setInterval(countDown, tickMs)
  signal.addEventListener('abort', () => {
    clearInterval(clock)
    clearTimeout(retry)
  })
  void look()

  function countDown() {
    const ms = Date.parse(known?.expires_at) - Date.now()
    left.textContent = known?.status === 'pending' && ms > 0 ? words.left(aboutTime(ms)) : ''
  }

  async function look() {
    const answer = await call('GET', path)
    if (answer.ok) return await show(answer.data)
    if (known === null) return fill(body, trouble(answer.sentence, look))
    clearTimeout(retry)
    if (!signal.aborted) retry = setTimeout(look, laterMs)
  }

  async function show(deposit) {
    known = deposit
    const { status } = deposit
    const isPending = status === 'pending'
    const cancel = action(words.cancel, drop, { kind: 'quiet' })
    const soon = action(words.soon, draw, { kind: 'quiet' })
    let isSure = false
    let offered = null
    const way = isPending ? await wayOf(deposit) : null
    fill(
      body,
      h(
        'div',
        { class: 'banner', role: 'status', 'data-tone': status === 'success' ? 'good' : '' },
        payPill(status),
        h('p', null, words.story[status]),
        isPending && left,
      ),
      isPending &&
        h(
          'div',
          { class: 'card pay' },
          h('p', { class: 'soft' }, words.total),
          h('output', { class: 'big' }, rupiah(deposit.amount)),
          way,
        ),
      h(
        'dl',
        { class: 'card' },
        line(words.method, wayName(deposit.metode)),
        deposit.fee > 0 && line(words.fee, rupiah(deposit.fee)),
        deposit.received !== null && line(words.received, rupiah(deposit.received)),
        deposit.deposit_id !== deposit.intent_id && line(words.id, deposit.deposit_id),
      ),
      deposit.instant && [soon.note, soon.button],
      isPending && [cancel.note, cancel.button],
      !lasting.has(status) &&
        h('p', { class: 'ways' }, h('a', { href: '#/deposit', class: 'button' }, words.fresh)),
    )
    countDown()

    async function drop() {
      if (!isSure) {
        isSure = true
        return cancel.rename(words.cancelSure)
      }
      const answer = await call('POST', `${path}/cancel`, {})
      if (!answer.ok) return cancel.say(answer.sentence)
      await show(answer.data)
    }

    async function draw() {
      const wish = offered === null ? { action: 'quote' } : { action: 'take', fee_max: offered }
      const answer = await call('POST', `${path}/instant`, wish)
      if (!answer.ok) return soon.say(answer.sentence)
      const { instant_fee: fee, received, deposit: drawn } = answer.data
      if (offered !== null) return await show(drawn)
      offered = fee
      soon.rename(words.soonSure(fee))
      soon.say(words.soonTerms(received), 'good')
    }
  }
}

/** A QR of ours where we know what it says, theirs where they only drew it. */
async function wayOf(deposit) {
  const { qr_string: content, qr_image: picture, pay_url: address, amount } = deposit
  const scan = h('p', { class: 'soft' }, words.scan)
  if (content) {
    const { qrDrawing } = await import('../kit/qr.js')
    return [qrDrawing(content, words.qr), scan]
  }
  if (picture?.startsWith('data:image/')) {
    return [h('img', { class: 'qr', src: picture, alt: words.qr }), scan]
  }
  if (deposit.account_number) {
    const { bank, account_number: number, account_holder: holder } = deposit
    const name = [bank?.toUpperCase(), holder].filter(Boolean).join(' · ')
    return [copyButton(String(amount)), copyable(name, number)]
  }
  if (address) return h('a', { class: 'button', href: address, rel: 'noopener' }, words.link)
  return null
}

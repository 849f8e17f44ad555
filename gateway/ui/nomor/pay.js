/**
 * One payment that is to come: the QR, drawn here, and how it stands.
 *
 * WNJ1. That it was paid is seen by itself, from the fact that comes; nothing is asked again and
 *       again.
 * WNJ2. Who came from a purchase is led back to it.
 */

import { action } from '../kit/action.js'
import { copyable } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { call } from './api.js'
import { helpLink } from './help.js'
import { listen } from './live.js'
import { nextHash } from './next.js'
import { nothing } from './picking.js'
import { scene } from './scene.js'
import { depositText, rotating, wayName, pay as words } from './text.id.js'
import { countdown, turning } from './waiting.js'

const slowMs = 240_000
const doubtMs = 4_000
const tones = { success: 'good', pending: 'warn', processing: 'warn', checking: 'warn' }
const scenes = { processing: 'waiting', checking: 'waiting', success: 'success' }

export function open({ node, rest, title, signal }) {
  title(words.title)
  const path = `/api/v1/deposit/${encodeURIComponent(rest)}`
  const heard = h('p', { class: 'unseen', role: 'status' })
  const place = h('div', null, skeleton(5))
  const foot = h('div', { class: 'deeds' })
  const help = h('div')
  node.append(heard, place, foot, help)
  let turn = new AbortController()
  let shown = ''
  let now = null
  let slow = 0
  let isSure = false
  let offered = null
  const cancel = action(words.cancel, drop, { busy: words.cancelBusy, kind: 'plain' })
  const soon = action(words.soon, draw, { busy: words.cancelBusy, kind: 'quiet wide' })
  signal.addEventListener('abort', () => {
    turn.abort()
    clearTimeout(slow)
  })
  listen(name => {
    if (name === 'ready' || name.startsWith('deposit:') || name === 'balance:updated') void look()
  }, signal)
  void look()

  async function look() {
    const answer = await call('GET', path)
    if (answer.ok) return await show(answer.data)
    if (now !== null) return
    if (answer.status !== 404) return fill(place, trouble(answer.sentence, look))
    fill(
      place,
      nothing(words.gone, h('a', { class: 'quiet', href: '#/riwayat?jenis=saldo' }, words.history)),
    )
  }

  async function show(deposit) {
    const print = JSON.stringify(deposit)
    if (print === shown) return
    shown = print
    const before = now
    now = deposit
    turn.abort()
    turn = new AbortController()
    const { status } = deposit
    title(status === 'pending' ? words.title : depositText[status])
    if (before !== null && before.status !== status) heard.textContent = words.story[status]
    fill(place, status === 'pending' ? await bill(deposit, turn.signal) : moment(deposit))
    isSure = false
    cancel.rename(words.cancel)
    cancel.bar(status === 'processing' || status === 'checking' ? words.cancelNot : '')
    const next = nextHash()
    fill(
      foot,
      status === 'success' &&
        h(
          'a',
          { class: 'button huge', href: next ?? '#/beli' },
          next === null ? words.next : words.back,
        ),
      status === 'success' && h('a', { class: 'quiet wide', href: '#/beranda' }, words.home),
      deposit.instant && [soon.button, soon.note],
      ['pending', 'processing', 'checking'].includes(status) && [cancel.button, cancel.note],
      ['expired', 'cancel', 'failed'].includes(status) &&
        h('a', { class: 'button huge', href: '#/saldo' }, words.again),
    )
    showHelp()
  }

  function moment(deposit) {
    const { status } = deposit
    const isWaiting = status === 'processing' || status === 'checking'
    return [
      h(
        'section',
        { class: 'moment', 'data-tone': tones[status] ?? 'soft' },
        scene(scenes[status] ?? 'over'),
        pill(tones[status] ?? 'soft', depositText[status]),
        h('p', { class: 'story' }, isMade(deposit) ? words.story[status] : words.making),
        status === 'success' && h('p', null, words.added(deposit.received)),
        isWaiting && turning(rotating.payment, turn.signal),
      ),
      facts(deposit),
    ]
  }

  async function bill(deposit, until) {
    return [
      h(
        'section',
        { class: 'sheet card' },
        h('p', { class: 'soft' }, words.total),
        h('output', { class: 'big' }, rupiah(deposit.amount)),
        await codeOf(deposit),
        deposit.expires_at !== null &&
          countdown({
            ...{ until: deposit.expires_at, sentence: words.until, signal: until },
            over: () => setTimeout(look, doubtMs),
          }),
      ),
      h('p', { class: 'soft centre', role: 'status' }, words.waits),
      facts(deposit),
    ]
  }

  function showHelp() {
    clearTimeout(slow)
    const isSlow = Date.now() - Date.parse(now.created_at) > slowMs
    const isOdd = ['checking', 'expired', 'failed'].includes(now.status)
    const isWaiting = now.status === 'pending' || now.status === 'processing'
    if (isOdd || (isWaiting && isSlow)) {
      if (help.childElementCount === 0) fill(help, helpLink('deposit', rest))
      return
    }
    fill(help)
    const ms = slowMs - (Date.now() - Date.parse(now.created_at))
    if (isWaiting && ms > 0) slow = setTimeout(showHelp, ms + 1_000)
  }

  /** What it costs is said first; nothing above that is taken. */
  async function draw() {
    const wish = offered === null ? { action: 'quote' } : { action: 'take', fee_max: offered }
    const answer = await call('POST', `${path}/instant`, wish)
    if (!answer.ok) return soon.say(answer.sentence)
    const { instant_fee: fee, received } = answer.data
    if (offered !== null) return await look()
    offered = fee
    soon.rename(words.soonSure(fee))
    soon.say(words.soonTerms(received), 'good')
  }

  async function drop() {
    if (!isSure) {
      isSure = true
      return cancel.rename(words.cancelSure)
    }
    const answer = await call('POST', `${path}/cancel`, {})
    await look()
    if (!answer.ok) cancel.say(answer.sentence)
  }
}

/** The other side has given it a name of its own. */
const isMade = deposit => deposit.deposit_id !== deposit.intent_id

const facts = deposit =>
  h(
    'dl',
    { class: 'card' },
    line(words.method, wayName(deposit.metode)),
    deposit.fee > 0 && line(words.fee, rupiah(deposit.fee)),
    line(words.received, rupiah(deposit.received)),
    isMade(deposit) && line(words.id, deposit.deposit_id),
  )

/** How it is paid: a QR of ours where we know what it says, theirs where they only drew it. */
async function codeOf(deposit) {
  const { qr_string: content, qr_image: picture, pay_url: address } = deposit
  if (content) {
    const { qrDrawing } = await import('../kit/qr.js')
    return [qrDrawing(content, words.qr), h('p', { class: 'soft small' }, words.scan)]
  }
  if (picture?.startsWith('data:image/')) {
    return [
      h('img', { class: 'qr', src: picture, alt: words.qr }),
      h('p', { class: 'soft small' }, words.scan),
    ]
  }
  if (deposit.account_number) {
    const { bank, account_number: number, account_holder: holder } = deposit
    return copyable([bank?.toUpperCase(), holder].filter(Boolean).join(' · '), number)
  }
  if (address) return h('a', { class: 'button', href: address, rel: 'noopener' }, words.link)
  return null
}

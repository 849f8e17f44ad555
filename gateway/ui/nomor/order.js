/**
 * One's own order while it lives: copy the number, wait, copy the code; ask for another code, give
 * the number back.
 *
 * WNH1. It changes by the facts that come, never by asking again and again; after a lost line it
 *       looks once.
 * WNH2. A button that does not work says why.
 * WNH3. Whoever waits long, or for whom something went wrong, finds the way to a person.
 * WNH4. Another code that was refused is told as such, also when the answer took its time.
 * WNH5. The link that was saved stays good; whoever wants another one hears first what that ends,
 *       and presses twice.
 */

import { action } from '../kit/action.js'
import { copyable } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { askPermission, canAsk, noticeOf } from './codes.js'
import { helpLink } from './help.js'
import { listen } from './live.js'
import { orderCard } from './order-card.js'
import { isOpen } from './order-row.js'
import { nothing } from './picking.js'
import { notify, order as words } from './text.id.js'

const slowMs = 180_000
const doubtMs = 4_000

export function open({ node, rest, title, signal }) {
  title(words.plain)
  const path = `/api/v1/orders/${encodeURIComponent(rest)}`
  const heard = h('p', { class: 'unseen', role: 'status' })
  const card = h('div', null, skeleton(5))
  const ask = h('div')
  const resendPlace = h('div')
  const deeds = h('div', { class: 'deeds' })
  const help = h('div')
  const link = h('div')
  const next = h('div', null, ask, resendPlace)
  node.append(heard, card, deeds, help, link)
  let shown = ''
  let now = null
  let turn = new AbortController()
  let isSure = false
  let isSureOfLink = false
  let slow = 0

  const resend = action(words.resend(3), again, { busy: words.resendBusy, kind: 'quiet wide' })
  const relink = action(words.changeLink, replace, { busy: words.changeBusy, kind: 'plain' })
  const cancel = action(words.cancel, giveBack, { busy: words.cancelBusy, kind: 'plain' })

  signal.addEventListener('abort', () => {
    turn.abort()
    clearTimeout(slow)
  })
  listen(async (name, fact) => {
    if (name !== 'ready' && fact.order_id !== rest) return
    await look()
    if (name === 'otp:resend' && fact.accepted === false) resend.say(words.resendRefused)
  }, signal)
  addEventListener('popstate', () => setTimeout(() => node.isConnected && look()), { signal })
  void look()

  async function look() {
    const answer = await call('GET', path)
    if (answer.ok) return show(answer.data)
    if (now !== null) return
    if (answer.status !== 404) return fill(card, trouble(answer.sentence, look))
    fill(card, nothing(words.gone, h('a', { class: 'quiet', href: '#/riwayat' }, words.history)))
  }

  function show(order) {
    const print = JSON.stringify(order)
    if (print === shown) return
    shown = print
    const before = now
    now = order
    turn.abort()
    turn = new AbortController()
    noticeOf(order)
    title(words.title(order.service_name))
    fill(
      card,
      orderCard(order, { signal: turn.signal, over: () => setTimeout(look, doubtMs), next }),
    )
    if (before !== null && (before.status !== order.status || before.otp !== order.otp)) {
      heard.textContent = words.story[order.status](order.service_name)
    } else if (before !== null && order.awaiting_next !== before.awaiting_next) {
      heard.textContent = order.awaiting_next ? words.next : ''
    }
    showAsk()
    showDeeds()
    showHelp()
    if (before === null) void showLink()
  }

  function showAsk() {
    if (now.status !== 'waiting' || !canAsk()) return fill(ask)
    if (ask.childElementCount > 0) return
    const yes = h('button', { type: 'button', class: 'quiet' }, notify.yes)
    const no = h('button', { type: 'button', class: 'plain' }, notify.no)
    const card = h(
      'div',
      { class: 'asking' },
      h('p', null, notify.ask),
      h('p', { class: 'pair' }, yes, no),
    )
    fill(ask, card)
    no.addEventListener('click', () => {
      askPermission(false)
      fill(ask)
    })
    yes.addEventListener('click', async () => {
      const isOn = await askPermission(true)
      fill(ask, isOn && h('p', { class: 'notice', 'data-tone': 'good', role: 'status' }, notify.on))
    })
  }

  function showDeeds() {
    const { status, resends_left: left, messages } = now
    const got = messages.some(({ code }) => code !== null)
    const isRunning = status === 'waiting' || status === 'otp_received'
    isSure = false
    cancel.rename(words.cancel)
    cancel.bar(got ? words.cancelGot : status === 'processing' ? words.cancelSoon : '')
    resend.rename(words.resend(left))
    resend.bar(left === 0 ? words.resendUsed : '')
    fill(resendPlace, isRunning && got && [resend.button, resend.note])
    fill(
      deeds,
      (status === 'processing' || isRunning) && [cancel.button, cancel.note],
      !isOpen(now) && h('a', { class: 'button huge', href: '#/beli' }, words.again),
    )
  }

  function showHelp() {
    clearTimeout(slow)
    const isOdd = ['checking', 'expired', 'refunded'].includes(now.status)
    const waits = Date.now() - Date.parse(now.created_at)
    if (!isOdd && !(isOpen(now) && waits > slowMs)) {
      fill(help)
      if (isOpen(now)) slow = setTimeout(() => showHelp(), slowMs - waits + 1_000)
      return
    }
    if (help.childElementCount === 0) fill(help, helpLink('order', rest))
  }

  async function showLink() {
    const answer = await call('GET', `${path}/invoice`)
    if (answer.ok) tellLink(answer.data.invoice_url)
  }

  function tellLink(url) {
    fill(
      link,
      h('p', { class: 'soft small' }, words.keep),
      copyable(words.invoice, url),
      relink.note,
      relink.button,
    )
  }

  async function replace() {
    if (!isSureOfLink) {
      isSureOfLink = true
      relink.rename(words.changeSure)
      return relink.say(words.changeEnds, 'warn')
    }
    const answer = await call('POST', `${path}/invoice`, {})
    if (!answer.ok) return relink.say(answer.sentence)
    isSureOfLink = false
    relink.rename(words.changeLink)
    tellLink(answer.data.invoice_url)
    relink.say(words.changed, 'good')
  }

  async function again() {
    const answer = await call('POST', `${path}/resend`, {})
    if (!answer.ok) {
      await look()
      return resend.say(answer.sentence)
    }
    show(answer.data)
    resend.say(words.resent, 'good')
  }

  async function giveBack() {
    if (!isSure) {
      isSure = true
      return cancel.rename(words.cancelSure)
    }
    const answer = await call('POST', `${path}/cancel`, {})
    if (answer.ok) return show(answer.data)
    await look()
    cancel.say(answer.sentence)
  }
}

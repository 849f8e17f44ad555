/**
 * Tells somebody who looked elsewhere that his code has come.
 *
 * WNI1. Permission is asked by a person's tap, while he waits for a code, and never again after
 *       a no.
 * WNI2. There is one notification per code, however often the fact comes and in however many tabs.
 * WNI3. What is kept of it is which codes were told, never a code.
 */

import { call } from './api.js'
import { listen } from './live.js'
import { readable } from './number.js'
import { notify as words } from './text.id.js'

const toldPlace = 'laju.nomor.told'
const askedPlace = 'laju.nomor.asked'
const toldMax = 60
/** Orders of this visit for which a code may come. */
const waiting = new Set()

export const canAsk = () =>
  'Notification' in globalThis &&
  Notification.permission === 'default' &&
  localStorage.getItem(askedPlace) === null

export async function askPermission(wanted) {
  if (!wanted) {
    localStorage.setItem(askedPlace, '1')
    return false
  }
  return (await Notification.requestPermission()) === 'granted'
}

/** From now on codes are told, wherever in the area one is. */
export function watchCodes(signal) {
  listen((name, fact) => {
    if (name === 'order:otp_received') void look(fact.order_id)
    if (name === 'ready') for (const id of waiting) void look(id)
    if (name === 'order:refunded' || name === 'order:expired') waiting.delete(fact.order_id)
  }, signal)
}

async function look(id) {
  const { ok, data } = await call('GET', `/api/v1/orders/${encodeURIComponent(id)}`)
  if (ok) noticeOf(data, { isNews: true })
}

/** Sees whether there is a code in it that was not told yet. */
export function noticeOf(order, { isNews = waiting.has(order.order_id) } = {}) {
  const { order_id: id, number, otp, messages, status } = order
  const codes = messages.filter(({ code, late }) => code !== null && !late).length
  if (['processing', 'waiting', 'otp_received'].includes(status)) waiting.add(id)
  else waiting.delete(id)
  if (codes > 0 && otp !== null && number !== null) void once(`${id}.${codes}`, order, isNews)
}

/** What was there when the page opened is no news; it is remembered as told all the same. */
const once = (mark, order, isNews) =>
  alone(async () => {
    const told = JSON.parse(localStorage.getItem(toldPlace) ?? '[]')
    if (told.includes(mark)) return
    localStorage.setItem(toldPlace, JSON.stringify([...told, mark].slice(-toldMax)))
    if (isNews) await tell(mark, order)
  })

/** Two tabs hear of the same code in the same instant. */
const alone = work =>
  navigator.locks === undefined ? work() : navigator.locks.request(toldPlace, work)

async function tell(tag, { order_id: id, number, otp }) {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return
  const body = words.body(readable(number), otp)
  const wish = { body, tag, lang: 'id', icon: '/ui/nomor/icon-192.png', data: { id } }
  const worker = await navigator.serviceWorker?.getRegistration('/nomor')
  if (worker?.active) return await worker.showNotification(words.title, wish)
  new Notification(words.title, wish)
}

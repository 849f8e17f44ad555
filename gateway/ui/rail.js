/**
 * The list of latest orders. New ones enter at the top at a calm pace however fast the server is;
 * the oldest slide out below. Whoever asks for less motion gets the same list without the slide.
 */

import { elapsed, isOpen, stageOf } from './orders.js'
import { duration, rupiah, text } from './text.id.js'

const queuedMax = 4
const enterEveryMs = 650
const forgetOpenAfterMs = 120_000
const slide = { duration: 420, easing: 'cubic-bezier(.2,.7,.2,1)' }

const rowsMax = () => (matchMedia('(min-width: 900px)').matches ? 8 : 6)
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden

export function createRail({ list, empty, ghosts, orders }) {
  const rows = []
  const queued = []
  const mine = new Set()
  let held = false
  let filled = false
  let enteredAt = 0
  let enterTimer = 0

  function hear(words) {
    for (const word of words) {
      const fresh = orders.get(word.trxId) === undefined
      if (orders.hear(word) === null) continue
      const row = rowOf(word.trxId)
      if (row !== undefined) paint(row)
      else if (fresh) enqueue(word.trxId)
    }
    if (filled) enterSoon()
    else fill()
  }

  function enqueue(trxId) {
    queued.push(trxId)
    if (queued.length <= (filled ? queuedMax : rowsMax())) return
    // The one with the least to show makes room.
    const ended = queued.findIndex(id => !mine.has(id) && !isOpen(orders.get(id) ?? {}))
    queued.splice(Math.max(ended, 0), 1)
  }

  function fill() {
    filled = true
    for (const trxId of queued.splice(0)) enter(trxId, false)
    showEmpty()
  }

  function enterSoon() {
    clearTimeout(enterTimer)
    if (held || queued.length === 0) return
    const waitMs = enteredAt + enterEveryMs - performance.now()
    if (waitMs > 0) {
      enterTimer = setTimeout(enterSoon, waitMs)
      return
    }
    const own = queued.findIndex(id => mine.has(id))
    const open = queued.findIndex(id => isOpen(orders.get(id) ?? {}))
    const [trxId] = queued.splice(Math.max(own < 0 ? open : own, 0), 1)
    enter(trxId, !still())
    enterSoon()
  }

  function enter(trxId, moving) {
    if (orders.get(trxId) === undefined) return
    enteredAt = performance.now()
    const row = drawRow(trxId)
    rows.unshift(row)
    list.prepend(row.element)
    paint(row)
    showEmpty()
    const leaving = rows.splice(rowsMax())
    if (!moving) {
      for (const { element } of leaving) element.remove()
      return
    }
    const above = `translateY(${-row.element.offsetHeight}px)`
    for (const { element } of rows) {
      element.animate([{ transform: above }, { transform: 'none' }], slide)
    }
    row.element.animate([{ opacity: 0 }, { opacity: 1 }], slide)
    for (const { element } of leaving) {
      const gone = element.animate(
        [
          { opacity: 1, transform: above },
          { opacity: 0, transform: 'none' },
        ],
        slide,
      )
      gone.onfinish = () => element.remove()
    }
  }

  function paint(row) {
    const order = orders.get(row.trxId)
    if (order === undefined) return
    const stage = stageOf(order)
    row.to.textContent = order.destination
    row.price.textContent = rupiah(order.price)
    row.time.textContent = timeOf(order)
    row.tag.hidden = !mine.has(row.trxId)
    if (stage === row.stage) return
    const first = row.stage === ''
    row.stage = stage
    row.element.dataset.stage = stage
    row.icon.setAttribute('href', `#icon-${stage}`)
    row.word.textContent = text.stage[stage]
    if (first || still()) return
    row.pill.animate([{ opacity: 0.3, transform: 'scale(.94)' }, {}], {
      duration: 320,
      easing: 'ease-out',
    })
  }

  function tick() {
    for (const row of [...rows]) {
      const order = orders.get(row.trxId)
      const lost =
        order === undefined ||
        (isOpen(order) && performance.now() - order.heardAt > forgetOpenAfterMs)
      if (!lost) {
        paint(row)
        continue
      }
      rows.splice(rows.indexOf(row), 1)
      row.element.remove()
    }
    showEmpty()
  }

  function showEmpty() {
    ghosts.hidden = filled
    empty.hidden = !filled || rows.length > 0
  }

  function rowOf(trxId) {
    return rows.find(row => row.trxId === trxId)
  }

  function drawRow(trxId) {
    const element = document.createElement('li')
    element.dataset.trx = trxId
    const what = part(element, 'what')
    const { product } = orders.get(trxId)
    part(what, 'product', text.products[product] ?? product)
    const tag = part(what, 'tag', text.live.mine)
    const to = part(what, 'to')
    const price = part(element, 'price')
    const pill = part(element, 'pill')
    const icon = symbol(pill)
    const word = part(pill, 'word')
    const time = part(element, 'time')
    return { trxId, element, tag, to, price, pill, icon, word, time, stage: '' }
  }

  setInterval(tick, 1_000)

  return {
    hear,
    /** The visitor's own order enters first, and wears a tag. */
    own(trxId) {
      mine.add(trxId)
      const row = rowOf(trxId)
      if (row !== undefined) paint(row)
    },
    hold(on) {
      held = on
      enterSoon()
    },
  }
}

function timeOf(order) {
  const ms = elapsed(order)
  if (!isOpen(order)) return duration(ms)
  return ms < 1_000 ? text.live.justNow : text.live.soFar(Math.floor(ms / 1_000) * 1_000)
}

function part(parent, name, content = '') {
  const node = document.createElement('span')
  node.className = name
  node.textContent = content
  parent.append(node)
  return node
}

function symbol(parent) {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(space, 'use')
  svg.append(use)
  parent.append(svg)
  return use
}

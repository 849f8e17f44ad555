/** "Coba beli": one tap, one order, and its story told until it ends. */

import { elapsed, isOpen, stageOf } from './orders.js'
import { text } from './text.id.js'

const answerMsMax = 20_000

export function createBuy({ card, form, story, orders, onBought, isLinked }) {
  const product = form.elements.namedItem('product')
  const destination = form.elements.namedItem('destination')
  const help = form.querySelector('.help')
  const go = form.querySelector('.go')
  const chips = [...form.querySelectorAll('[data-number]')]
  const steps = drawSteps(story)
  let sending = false
  let trxId = null
  /** A purchase nobody answered: asked again with the same key, so that it stays one purchase. */
  let unsure = null

  for (const option of product.options) {
    option.value = option.dataset.code
    option.textContent = text.products[option.value]
  }
  for (const chip of chips) {
    const { number } = chip.dataset
    chip.replaceChildren(line('b', text.buy.number[number]), line('span', number))
    chip.onclick = () => {
      destination.value = number
      noticeNumber()
    }
  }
  destination.oninput = noticeNumber
  form.onsubmit = event => {
    event.preventDefault()
    void buy()
  }
  go.textContent = text.buy.go
  noticeNumber()
  setInterval(tell, 1_000)

  function noticeNumber() {
    help.textContent = ''
    destination.removeAttribute('aria-invalid')
    for (const chip of chips) {
      chip.setAttribute('aria-pressed', String(chip.dataset.number === destination.value.trim()))
    }
  }

  async function buy() {
    if (sending) return
    const wish = { product: product.value, destination: destination.value.replace(/[\s.-]/g, '') }
    const problem = problemOf(wish.destination)
    if (problem !== null) {
      help.textContent = problem
      destination.setAttribute('aria-invalid', 'true')
      destination.focus()
      return
    }
    const same = unsure?.product === wish.product && unsure.destination === wish.destination
    const key = same ? unsure.key : randomKey()
    unsure = null
    trxId = null
    setSending(true)
    show([
      step('now', text.story.sending, text.story.sendingNote),
      step('todo', text.story.ordered),
      step('todo', text.story.last),
    ])
    const startedAt = performance.now()
    const answer = await ask(wish, key)
    setSending(false)
    take(answer, { wish, key, startedAt })
  }

  function take({ status, body }, { wish, key, startedAt }) {
    if (status >= 200 && status < 300 && typeof body?.data?.trx_id === 'string') {
      const { trx_id, status: state, price, product_code } = body.data
      trxId = trx_id
      onBought({
        trxId: trx_id,
        product: product_code ?? wish.product,
        destination: masked(wish.destination),
        status: state,
        price,
        ms: Math.round(performance.now() - startedAt),
      })
      go.textContent = text.buy.again
      tell()
      return
    }
    if (status === 404 && (body?.error_code ?? 'NOT_FOUND') === 'NOT_FOUND') {
      close()
      return
    }
    // The server's own sentence already says where the money is.
    if ((status >= 400 && status < 500) || body?.money_effect === 'none') {
      const hint = body?.error_code === 'TWIN_ORDER' ? ` ${text.story.twin}` : ''
      show([step('bad', text.story.refused, (body?.message ?? text.story.refusedNote) + hint)])
    } else {
      unsure = { ...wish, key }
      show([step('warn', text.story.unknown, text.story.unknownNote)])
    }
    go.textContent = text.buy.retry
  }

  /** The story as it stands, from what was last heard of the order. */
  function tell() {
    const order = trxId === null ? undefined : orders.get(trxId)
    if (order === undefined) return
    show(chapters(order, isLinked()), order.trxId)
  }

  function show(chapter, id = '') {
    const first = story.hidden
    story.hidden = false
    steps.show(chapter, id)
    if (first) {
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
      story.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' })
    }
  }

  function setSending(on) {
    sending = on
    go.setAttribute('aria-disabled', String(on))
    if (on) go.textContent = text.buy.sending
  }

  /** Production has no such door: the card says so and the form goes. */
  function close() {
    form.hidden = true
    story.hidden = true
    card.classList.add('closed')
    card.querySelector('#buy-intro').textContent = text.buy.closed
    card.dispatchEvent(new CustomEvent('closed', { bubbles: true }))
  }

  return { tell }
}

function chapters(order, linked) {
  const { price } = order
  const held = step('done', text.story.accepted, text.story.acceptedPast(price))
  const ordered = step('done', text.story.ordered)
  switch (stageOf(order)) {
    case 'done':
      return [
        held,
        step('done', text.story.bought),
        step('done', text.story.done(order.ms), text.story.doneNote(price)),
      ]
    case 'failed':
      return [held, ordered, step('bad', text.story.failed(order.ms), text.story.failedNote(price))]
    case 'returned':
      return [held, ordered, step('warn', text.story.returned, text.story.returnedNote(price))]
    case 'waiting': {
      const note = linked ? text.story.waitingNote(price) : text.story.offline
      return [
        held,
        step('now', text.story.waiting, note, soFar(order)),
        step('todo', text.story.last),
      ]
    }
    case 'running': {
      const note = linked ? text.story.runningNote : text.story.offline
      return [held, step('now', text.story.running, note), step('todo', text.story.last)]
    }
  }
}

const soFar = order =>
  isOpen(order) ? text.live.soFar(Math.floor(elapsed(order) / 1_000) * 1_000) : ''

const step = (state, title, note = '', aside = '') => ({ state, title, note, aside })

/** Three lines that are only touched where they change, so that a screen reader hears just that. */
function drawSteps(story) {
  const list = document.createElement('ol')
  const rows = [0, 1, 2].map(() => {
    const item = document.createElement('li')
    const title = line('b')
    const aside = line('small')
    aside.setAttribute('aria-hidden', 'true')
    const note = line('p')
    item.append(title, aside, note)
    list.append(item)
    return { item, title, aside, note }
  })
  const id = line('p')
  id.className = 'id soft small'
  story.append(list, id)
  return {
    show(chapter, trxId) {
      rows.forEach(({ item, title, aside, note }, i) => {
        const { state, ...words } = chapter[i] ?? { state: '', title: '', note: '', aside: '' }
        item.hidden = state === ''
        item.dataset.state = state
        set(title, words.title)
        set(aside, words.aside)
        set(note, words.note)
      })
      id.hidden = trxId === ''
      set(id, trxId === '' ? '' : `${text.story.order} ${trxId}`)
    },
  }
}

function set(node, content) {
  if (node.textContent !== content) node.textContent = content
}

function line(tag, content = '') {
  const node = document.createElement(tag)
  node.textContent = content
  return node
}

async function ask(wish, key) {
  try {
    const answer = await fetch('/demo/buy', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(wish),
      signal: AbortSignal.timeout(answerMsMax),
    })
    return { status: answer.status, body: await answer.json().catch(() => null) }
  } catch {
    return { status: 0, body: null }
  }
}

function problemOf(number) {
  if (number === '') return text.buy.destinationEmpty
  return /^(\+?62|0)\d{8,13}$/.test(number) ? null : text.buy.destinationOdd
}

const masked = number => `${number.slice(0, 4)}****${number.slice(-4)}`

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

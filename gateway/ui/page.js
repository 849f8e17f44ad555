/**
 * The live page: orders as they move, and how to buy one. It shows only what the server says,
 * calmly, and is honest when it no longer knows.
 *
 *   socket ─pulse─▶ board (figures)
 *                ─▶ rail (list) ─▶ orders (what was last heard of each)
 *                                     ▲
 *   buy ──────────────────────────────┘ tells its order's story from the same memory
 *
 * U1. An order that ended is never shown as open again, whatever arrives late.
 * U2. The list stays small and takes new orders at a calm pace; a pause button holds it still.
 * U3. A lost line is told at once and mended by itself; numbers nobody vouches for are not shown.
 * U4. A purchase is told to its end, each sentence says where the money is; no answer is not a no,
 *     and asking again uses the same key.
 * U5. Where /demo/buy does not exist the card says so and takes its form away.
 * U6. The commands on offer run exactly as copied.
 * U7. What the first view needs is under 40 kB before any compression, lives under a strict content
 *     policy, fits 390 and 1440 pixels without sideways scrolling, reads well in both lights, and
 *     its targets are at least 44 pixels high.
 * U8. Screen readers hear a summary at most every 15 seconds; less motion means no motion.
 * U9. Every sentence comes from text.id.js; the rest only knows names of sentences.
 */

import { createBoard } from './board.js'
import { createOrders } from './orders.js'
import { createRail } from './rail.js'
import { openSocket } from './socket.js'
import { text } from './text.id.js'

const byId = id => document.getElementById(id)
const sentence = path => path.split('.').reduce((node, name) => node[name], text)

for (const node of document.querySelectorAll('[data-text]')) {
  node.textContent = sentence(node.dataset.text)
}
for (const node of document.querySelectorAll('[data-label]')) {
  node.setAttribute('aria-label', sentence(node.dataset.label))
}

const orders = createOrders()
const rail = createRail({
  list: byId('orders'),
  empty: byId('empty'),
  ghosts: byId('ghosts'),
  orders,
})
const board = createBoard({
  completed: byId('completed'),
  accepted: byId('accepted'),
  open: byId('open'),
  line: byId('trace-line'),
  area: byId('trace-area'),
  summary: byId('summary'),
})

let tellStory = () => {}

byId('coba').addEventListener('closed', () => {
  byId('to-buy').hidden = true
})

const pause = byId('pause')
pause.textContent = text.live.pause
let held = false
pause.onclick = () => {
  held = !held
  pause.textContent = held ? text.live.resume : text.live.pause
  rail.hold(held)
}

setLink('connecting')
openSocket({
  url: `${location.origin.replace(/^http/, 'ws')}/ws`,
  onPulse(pulse) {
    board.show(pulse)
    rail.hear(pulse.orders)
    tellStory()
  },
  onState: setLink,
})

function setLink(state) {
  const link = byId('link')
  if (link.dataset.state === state && byId('link-text').textContent !== '') return
  link.dataset.state = state
  byId('link-text').textContent = text.link[state]
  document.body.dataset.link = state
  if (state !== 'live') board.blank()
  tellStory()
}

// The cards come when the first view is alive.
const [{ createBuy }, { createGuide }] = await Promise.all([
  import('./buy.js'),
  import('./guide.js'),
])
createGuide({ card: byId('server'), origin: location.origin })
tellStory = createBuy({
  card: byId('coba'),
  form: byId('buy'),
  story: byId('story'),
  orders,
  onBought(order) {
    rail.own(order.trxId)
    rail.hear([order])
  },
  isLinked: () => byId('link').dataset.state === 'live',
}).tell

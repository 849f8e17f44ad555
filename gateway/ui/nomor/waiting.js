/**
 * What somebody sees who waits: words that take turns, and how long there still is.
 *
 * WNC1. Words that take turns are for eyes only; ears hear how it stands, once.
 * WNC2. How long there still is is said in words, and anew while it is seen.
 */

import { h } from '../kit/dom.js'
import { left } from './text.id.js'

const turnMs = 3_600
const lookMs = 5_000

/** `words` come one after the other until the page is left. */
export function turning(words, signal) {
  const node = h('p', { class: 'turning', 'aria-hidden': 'true' }, `${words[0]}…`)
  let at = 0
  const timer = setInterval(() => {
    if (!node.isConnected || document.hidden) return
    at = (at + 1) % words.length
    node.replaceChildren(h('span', null, `${words[at]}…`))
  }, turnMs)
  signal.addEventListener('abort', () => clearInterval(timer))
  return node
}

/** `sentence` puts the words for what is left into a whole one; `over` is called when it is. */
export function countdown({ until, sentence, signal, over = () => {} }) {
  const node = h('p', { class: 'left', role: 'timer' })
  let isOver = false
  const show = () => {
    const ms = Date.parse(until) - Date.now()
    const words = sentence(left(ms))
    if (node.textContent !== words) node.textContent = words
    if (ms > 0 || isOver) return
    isOver = true
    over()
  }
  show()
  const timer = setInterval(() => node.isConnected && show(), lookMs)
  document.addEventListener('visibilitychange', show, { signal })
  signal.addEventListener('abort', () => clearInterval(timer))
  return node
}

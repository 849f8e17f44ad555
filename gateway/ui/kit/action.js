/**
 * A button that works once at a time, and says why when it does not work.
 *
 * WUE1. While one press is under way, another does nothing.
 * WUE2. A button that a press has given another name ("sure?") takes the next one only when that
 *       could be read: the second half of a double click counts for nothing, nor does a key that
 *       is held down.
 */

import { h } from './dom.js'

let ids = 0
/** Longer than the two halves of a double click are apart. */
const readMs = 600

export function action(name, work, { busy = name, kind = 'main', submit = false } = {}) {
  const note = h('p', { class: 'notice', id: `a${ids++}`, role: 'status' })
  note.hidden = true
  const button = h('button', { type: submit ? 'submit' : 'button', class: kind }, name)
  let label = name
  let reason = ''
  let working = false
  let isRenamed = false

  async function press() {
    if (working) return
    if (reason !== '') return say(reason, 'warn')
    working = true
    isRenamed = false
    mark()
    button.textContent = busy
    try {
      await work()
    } finally {
      button.textContent = label
      if (isRenamed) setTimeout(rest, readMs)
      else rest()
    }
  }

  function rest() {
    working = false
    mark()
  }

  const mark = () => button.setAttribute('aria-disabled', String(working || reason !== ''))

  function say(words, tone = 'bad') {
    note.hidden = words === ''
    note.dataset.tone = tone
    note.textContent = words
  }

  if (!submit) {
    button.addEventListener('click', press)
    button.addEventListener('keydown', holdBack)
  }
  return {
    button,
    note,
    press,
    say,
    /** From now on it is called so. */
    rename(words) {
      isRenamed ||= words !== label
      label = words
      button.textContent = words
    },
    /** Empty lets it work again. */
    bar(why) {
      reason = why
      mark()
      if (why === '') button.removeAttribute('aria-describedby')
      else button.setAttribute('aria-describedby', note.id)
      say(why, 'warn')
    },
  }
}

/** A form whose only way out is its action. */
export function form(fields, act) {
  const node = h('form', { novalidate: true }, fields, act.note, act.button)
  node.addEventListener('submit', event => {
    event.preventDefault()
    void act.press()
  })
  node.addEventListener('keydown', holdBack)
  return node
}

/** A key that is held down presses once; in a text it still makes lines. */
function holdBack(event) {
  if (event.repeat && event.key === 'Enter' && event.target.tagName !== 'TEXTAREA') {
    event.preventDefault()
  }
}

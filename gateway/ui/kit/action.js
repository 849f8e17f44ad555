/**
 * A button that works once at a time, and says why when it does not work.
 *
 * WUE1. While one press is under way, another does nothing.
 */

import { h } from './dom.js'

let ids = 0

export function action(name, work, { busy = name, kind = 'main', submit = false } = {}) {
  const note = h('p', { class: 'notice', id: `a${ids++}`, role: 'status' })
  note.hidden = true
  const button = h('button', { type: submit ? 'submit' : 'button', class: kind }, name)
  let label = name
  let reason = ''
  let working = false

  async function press() {
    if (working) return
    if (reason !== '') return say(reason, 'warn')
    working = true
    button.setAttribute('aria-disabled', 'true')
    button.textContent = busy
    try {
      await work()
    } finally {
      working = false
      button.textContent = label
      button.setAttribute('aria-disabled', String(reason !== ''))
    }
  }

  function say(words, tone = 'bad') {
    note.hidden = words === ''
    note.dataset.tone = tone
    note.textContent = words
  }

  if (!submit) button.addEventListener('click', press)
  return {
    button,
    note,
    press,
    say,
    /** From now on it is called so. */
    rename(words) {
      label = words
      button.textContent = words
    },
    /** Empty lets it work again. */
    bar(why) {
      reason = why
      button.setAttribute('aria-disabled', String(why !== ''))
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
  return node
}

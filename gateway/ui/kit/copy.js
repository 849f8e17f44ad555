/** Something to be taken along: shown whole, copied with one tap. */

import { h } from './dom.js'
import { text } from './text.id.js'

const copiedMs = 2_000

export function copyButton(value, label = text.copy) {
  const button = h('button', { type: 'button', class: 'quiet' }, label)
  button.addEventListener('click', async () => {
    await take(value)
    button.textContent = text.copied
    setTimeout(() => (button.textContent = label), copiedMs)
  })
  return button
}

export const copyable = (label, value) =>
  h(
    'div',
    { class: 'copyable' },
    h('div', null, h('p', { class: 'soft' }, label), h('output', null, value)),
    copyButton(value),
  )

/** Browsers give their clipboard to safe addresses only; elsewhere a marked text is copied. */
async function take(value) {
  if (navigator.clipboard !== undefined) return await navigator.clipboard.writeText(value)
  const marked = h('textarea', { class: 'unseen', readonly: true })
  marked.value = value
  document.body.append(marked)
  marked.select()
  document.execCommand('copy')
  marked.remove()
}

/** Something to be taken along: shown whole, copied with one tap. */

import { h } from './dom.js'
import { text } from './text.id.js'

const copiedMs = 2_000

export function copyButton(value, label = text.copy) {
  const button = h('button', { type: 'button', class: 'quiet' }, label)
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(value)
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

/** How much: typed, or taken from what is usual; said back in rupiah. */

import { h } from './dom.js'
import { field } from './field.js'
import { amountIn, rupiah } from './format.js'

/** `read()` is null where no amount stands. */
export function amountField({ label, chipsLabel, usual }) {
  const control = h('input', { inputmode: 'numeric', autocomplete: 'off', maxlength: 20 })
  const amount = field(label, control)
  const read = () => amountIn(control.value) || null
  control.addEventListener('input', () => amount.say(read() === null ? '' : rupiah(read())))

  /** Whoever listens to the field hears of it, too. */
  function put(text) {
    control.value = text
    control.dispatchEvent(new Event('input'))
  }

  const chips = h(
    'div',
    { class: 'chips', role: 'group', 'aria-label': chipsLabel },
    usual.map(value =>
      h('button', { type: 'button', onclick: () => put(String(value)) }, rupiah(value)),
    ),
  )
  return { ...amount, chips, read, clear: () => put('') }
}

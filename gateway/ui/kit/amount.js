/** How much: typed, or taken from what is usual; said back in rupiah. */

import { h } from './dom.js'
import { field } from './field.js'
import { amountIn, amountMax, rupiah } from './format.js'
import { tooMuch } from './text-amount.id.js'

/**
 * `read()` is null where no amount stands that the server takes; `take()` says so as well: `empty`
 * where there is none.
 */
export function amountField({ label, empty, chipsLabel = '', usual = [] }) {
  const control = h('input', { inputmode: 'numeric', autocomplete: 'off', maxlength: 20 })
  const amount = field(label, control)
  const read = () => (wrong() === '' ? amountIn(control.value) : null)
  control.addEventListener('input', () => {
    const value = amountIn(control.value)
    amount.say(value > amountMax ? tooMuch(amountMax) : value ? rupiah(value) : '')
  })

  function wrong() {
    const value = amountIn(control.value)
    if (!value) return empty
    return value > amountMax ? tooMuch(amountMax) : ''
  }

  function take() {
    if (wrong() !== '') amount.complain(wrong())
    return read()
  }

  /** Whoever listens to the field hears of it, too. */
  function put(words) {
    control.value = words
    control.dispatchEvent(new Event('input'))
  }

  const chips = h(
    'div',
    { class: 'chips', role: 'group', 'aria-label': chipsLabel },
    usual.map(value =>
      h('button', { type: 'button', onclick: () => put(String(value)) }, rupiah(value)),
    ),
  )
  return { ...amount, chips, read, take, clear: () => put('') }
}

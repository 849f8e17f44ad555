/** A field for a password that one may look at while typing. */

import { h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { text } from '../kit/text.id.js'

export function secretField(label, note, autocomplete = 'new-password') {
  const input = h('input', { type: 'password', autocomplete })
  const secret = field(label, input, note)
  const eye = h(
    'button',
    { type: 'button', class: 'quiet eye', 'aria-pressed': 'false' },
    text.signIn.show,
  )
  eye.addEventListener('click', () => {
    const isShown = input.type === 'password'
    input.type = isShown ? 'text' : 'password'
    eye.textContent = isShown ? text.signIn.hide : text.signIn.show
    eye.setAttribute('aria-pressed', String(isShown))
  })
  input.after(eye)
  return secret
}

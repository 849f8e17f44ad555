/** A coloured first letter where others would load a picture. The same name has the same colour. */

import { h } from '../kit/dom.js'

const colours = 8

export function avatar(name) {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9_973
  const [first = ''] = name.trim()
  return h(
    'span',
    { class: `avatar c${sum % colours}`, 'aria-hidden': 'true' },
    first.toUpperCase(),
  )
}

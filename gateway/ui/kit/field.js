/** A labelled field that says what is wrong with it, to eyes and ears alike. */

import { h } from './dom.js'

let ids = 0

/** `control` is an input, select or textarea; `complain('')` takes the complaint back. */
export function field(label, control, note = '') {
  const id = `f${ids++}`
  control.id = id
  const framed = control.tagName === 'SELECT' ? h('span', { class: 'select' }, control) : control
  const help = h('p', { class: 'help', id: `${id}-help`, role: 'status' }, note)
  control.setAttribute('aria-describedby', help.id)
  const complain = sentence => {
    help.textContent = sentence === '' ? note : sentence
    help.classList.toggle('bad', sentence !== '')
    if (sentence === '') return control.removeAttribute('aria-invalid')
    control.setAttribute('aria-invalid', 'true')
    control.focus()
  }
  control.addEventListener('input', () => complain(''))
  const node = h('div', { class: 'field' }, h('label', { for: id }, label), framed, help)
  return { node, control, complain, say: words => (help.textContent = words) }
}

/** `options` are pairs of a value and its words. */
export function select(options, chosen) {
  const node = h(
    'select',
    null,
    options.map(([value, words]) => h('option', { value }, words)),
  )
  if (chosen !== undefined) node.value = chosen
  return node
}

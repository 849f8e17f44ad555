/** A row of a list: two columns on a phone, as many as there are cells on a desk. */

import { h } from '../kit/dom.js'
import { field, select } from '../kit/field.js'

export const cells = (href, ...all) =>
  h(
    href === null ? 'div' : 'a',
    { class: 'row', href },
    all.filter(one => one !== null),
  )

export const soft = words => h('span', { class: 'soft' }, words)
export const strong = words => h('b', null, words)
export const money = words => h('span', { class: 'money' }, words)

/** A field that a deed reads. */
export function input(name, label, { read, note, value, ...attributes } = {}) {
  const control = h('input', { autocomplete: 'off', ...attributes })
  if (value !== undefined) control.value = value
  return { name, ...field(label, control, note), ...(read ? { read } : {}) }
}

export function choice(name, label, options, { value, read } = {}) {
  const made = field(label, select(options, value))
  return { name, ...made, ...(read ? { read } : {}) }
}

/** Yes or no. */
export function check(name, label) {
  const control = h('input', { type: 'checkbox' })
  const node = h('div', { class: 'checks' }, h('label', null, control, label))
  return { name, node, control, complain: () => {} }
}

/** Selects that narrow a list, remembered in its address. */
export function filters(query, rows, again) {
  const made = rows.map(([name, label, options, usual = '']) => {
    const control = select(options, query.get(name) ?? usual)
    control.addEventListener('change', again)
    return { name, control, node: field(label, control).node }
  })
  return {
    node: h(
      'div',
      { class: 'filters four' },
      made.map(one => one.node),
    ),
    made,
    value: name => made.find(one => one.name === name).control.value,
    values: () => Object.fromEntries(made.map(({ name, control }) => [name, control.value])),
    isNarrow: () => made.some(({ control }) => control.value !== ''),
  }
}

/**
 * A list one picks from, with a field that narrows it as one types.
 *
 * WND1. What is typed narrows the list at once, without a reload; it is part of the page's address,
 *       so that a reload shows the same.
 */

import { h, icon } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { remember } from '../kit/router.js'
import { avatar } from './avatar.js'

export const pickRow = ({ href, name, note, price, end = '', off = false }) =>
  h(
    'a',
    off ? { class: 'pick', role: 'link', 'aria-disabled': 'true' } : { class: 'pick', href },
    avatar(name),
    h(
      'span',
      { class: 'what' },
      h('b', null, name),
      note !== '' && h('span', { class: 'soft' }, note),
    ),
    h('span', { class: 'end' }, price && h('span', { class: 'money' }, price), end),
    !off && icon('next'),
  )

export const pickList = (label, rows) =>
  h(
    'ul',
    { class: 'rows', 'aria-label': label },
    rows.map(row => h('li', null, row)),
  )

/** `onTyped(words)` is called at once and with each change. */
export function searchField({ label, hint, word, rest = '', query, onTyped }) {
  const input = h('input', {
    ...{ type: 'search', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' },
    ...{ placeholder: hint, enterkeyhint: 'search', maxlength: '60' },
  })
  input.value = query.get('cari') ?? ''
  const seeker = field(label, input)
  seeker.node.classList.add('seek')
  input.addEventListener('input', () => {
    const kept = Object.fromEntries(query)
    remember(rest === '' ? word : `${word}/${encodeURIComponent(rest)}`, {
      ...kept,
      cari: input.value.trim(),
    })
    onTyped(input.value.trim())
  })
  return { node: seeker.node, typed: () => input.value.trim() }
}

export const nothing = (sentence, way) => h('div', { class: 'empty' }, h('p', null, sentence), way)

/** Whether what something is called has every word that was typed. */
export const fits = ({ name, also }, typed) => {
  const low = [name, ...also].join(' ').toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every(word => low.includes(word))
}

/**
 * What the reference page can do with a script: find, copy, and open what an address points at.
 *
 * OAG1. A search shows the operations that have all its words, and opens the only one.
 * OAG2. What is copied is the text as it stands.
 */

const { copy, copied } = document.body.dataset
const search = document.querySelector('#search')
const contents = document.querySelector('#contents')
const nothing = document.querySelector('#nothing')
const opening = document.querySelector('#start')
const links = new Map(
  [...document.querySelectorAll('nav a')].map(link => [link.hash.slice(1), link.parentElement]),
)
const topics = [...document.querySelectorAll('.topic')].map(place => ({
  place,
  title: place.querySelector('h2').textContent.toLowerCase(),
  folds: [...place.querySelectorAll('.op')].map(fold => ({ fold, words: null })),
}))

const wordsOf = one => {
  one.words ??= one.fold.textContent.toLowerCase()
  return one.words
}

function find() {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  const found = []
  for (const { place, title, folds } of topics) {
    let count = 0
    for (const one of folds) {
      const has = wanted.every(word => title.includes(word) || wordsOf(one).includes(word))
      one.fold.hidden = !has
      if (has) {
        count++
        found.push(one.fold)
      }
    }
    place.hidden = count === 0
    links.get(place.id).hidden = count === 0
  }
  opening.hidden = wanted.length > 0
  nothing.hidden = found.length > 0
  if (wanted.length > 0 && found.length === 1) found[0].open = true
}

search.hidden = false
search.addEventListener('input', find)
search.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return
  search.value = ''
  find()
})
document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.target.closest('input, textarea')) return
  event.preventDefault()
  search.focus()
})

for (const code of document.querySelectorAll('pre.code')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = copy
  const text = code.textContent
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text)
    button.textContent = copied
    setTimeout(() => {
      button.textContent = copy
    }, 1_500)
  })
  const frame = document.createElement('div')
  frame.className = 'frame'
  code.replaceWith(frame)
  frame.append(code, button)
}

/** A link to something that a search has hidden ends the search. */
function open() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (place === null) return
  if (place.closest('[hidden]') !== null) {
    search.value = ''
    find()
  }
  if (place.matches('details.op')) place.open = true
  place.scrollIntoView()
}
addEventListener('hashchange', open)
open()

for (const { folds } of topics) {
  for (const { fold } of folds) {
    fold.addEventListener('toggle', () => {
      if (fold.open) history.replaceState(null, '', `#${fold.id}`)
    })
  }
}

const narrow = matchMedia('(max-width: 60rem)')
const fit = () => {
  contents.open = !narrow.matches
}
narrow.addEventListener('change', fit)
fit()
contents.addEventListener('click', event => {
  if (narrow.matches && event.target.closest('a') !== null) contents.open = false
})

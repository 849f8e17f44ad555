/** Where somebody was going when he found that he had to fill up first. */

const place = 'laju.nomor.next'

export const setNext = hash =>
  hash === '' ? sessionStorage.removeItem(place) : sessionStorage.setItem(place, hash)

export const nextHash = () => sessionStorage.getItem(place)

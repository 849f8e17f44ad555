/**
 * The files of the number pages, kept on the device. Before this text the gateway puts `shell`: the
 * names of those files, and a digest of them all.
 *
 * WNN1. Kept are the files of one version, all of them or none; an older version goes when a newer
 *       one takes over.
 * WNN2. Nothing else is kept: no answer of ours, no code, and nothing that somebody typed.
 */

const own = `nomor-${shell.version}`
const files = new Set(shell.files)

addEventListener('install', event => {
  event.waitUntil(
    caches
      .open(own)
      .then(kept => kept.addAll(shell.files.map(file => new Request(file, { cache: 'reload' }))))
      .then(() => skipWaiting()),
  )
})

addEventListener('activate', event => {
  event.waitUntil(
    caches
      .keys()
      .then(names =>
        Promise.all(
          names
            .filter(name => name.startsWith('nomor-') && name !== own)
            .map(name => caches.delete(name)),
        ),
      )
      .then(() => clients.claim()),
  )
})

addEventListener('fetch', event => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== location.origin || !files.has(pathname)) return
  event.respondWith(
    caches
      .open(own)
      .then(kept => kept.match(pathname))
      .then(file => file ?? fetch(event.request)),
  )
})

addEventListener('notificationclick', event => {
  const { id } = event.notification.data ?? {}
  event.notification.close()
  event.waitUntil(
    clients.matchAll({ type: 'window' }).then(pages => {
      const mine = pages.find(({ url }) => new URL(url).pathname.startsWith('/nomor'))
      if (mine === undefined) return clients.openWindow(`/nomor#/pesanan/${id ?? ''}`)
      mine.postMessage({ open: id })
      return mine.focus()
    }),
  )
})

/**
 * What a browser gets where nothing is: the page it meant, when it took capitals or slashes too
 * many, else a page that says so and leads to those that there are. Programs are told in the
 * envelope, and whatever lies below one of their doors is told so to browsers as well.
 *
 * GU7. A name of an area in other letters, or with slashes behind it, leads to that area.
 * GU8. Nobody who looks for a page reads an envelope.
 */

import type { Visit } from './answer.ts'
import { headersOf } from './pages.ts'
import type { Hung } from './router.ts'
import { lostText } from './text/lost.id.ts'

/** Answers a browser, or says that it is none and leaves it to the envelope. */
type Lost = (visit: Visit, accept: string) => boolean

export function lostOf(table: readonly Hung[], publicUrl: string): Lost {
  const names = new Set<string>(Object.keys(lostText.doors))
  const rooms = new Set(table.flatMap(({ path }) => /^(\/[^/]+\/)./.exec(path)?.[1] ?? []))
  const bytes = Buffer.from(page)
  const headers = headersOf(bytes, publicUrl)
  return (visit, accept) => {
    if (visit.method !== 'get' || !accept.includes('text/html')) return false
    const meant = visit.path.toLowerCase().replace(/\/+$/, '')
    if (names.has(meant)) {
      const asked = visit.query === '' ? '' : `?${visit.query}`
      const leading = { 'Cache-Control': 'no-cache', Location: `${meant}${asked}` }
      visit.send(308, 'text/plain', '', leading)
      return true
    }
    const room = /^(\/[^/]+\/)./.exec(visit.path)?.[1]
    if (room !== undefined && rooms.has(room)) return false
    visit.send(404, 'text/html; charset=utf-8', bytes, headers)
    return true
  }
}

const page = `<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${lostText.title} · Laju</title>
<link rel="icon" href="/ui/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/ui/base.css">
<link rel="stylesheet" href="/ui/kit/kit.css">
</head>
<body>
<main class="start page">
<h1>${lostText.title}</h1>
<p class="soft">${lostText.intro}</p>
<ul class="rows">
${Object.entries(lostText.doors)
  .map(([path, name]) => `<li><a class="way" href="${path}">${name}</a></li>`)
  .join('\n')}
</ul>
</main>
</body>
</html>
`

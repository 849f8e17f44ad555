/**
 * Folders made without `recursive`: Node's own never returns where a folder says of a new one in it
 * that there is no such path, as /proc does.
 *
 * FOM1. A folder is made with all that is missing above it, or the reason is thrown.
 * FOM2. A folder in which nothing can be made is told as such, also where rights do not say so.
 */

import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

export function makeFolder(path: string): void {
  try {
    mkdirSync(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    const above = dirname(path)
    if (code !== 'ENOENT' || above === path) throw cause
    makeFolder(above)
    makeIn(path)
  }
}

/** What is above it is there now. */
function makeIn(path: string): void {
  try {
    mkdirSync(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  }
}

/** Throws where no file or folder can be made in it, or it is no folder. */
export function proveWritable(path: string): void {
  rmdirSync(mkdtempSync(join(path, '.laju-')))
}

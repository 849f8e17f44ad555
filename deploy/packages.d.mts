type Machine = { readonly platform: string; readonly arch: string }
export function needPackages(root: string, node: string, say: (sentence: string) => void): void
export function fitsLock(lock: string, hidden: string, here?: Machine): boolean

import { untrack } from 'svelte'
import { get, isProblem, type Problem } from '../api/client'

// Answers seen lately, so that going back shows at once what was there.
const seen = new Map<string, { text: string; data: unknown }>()
const keep = 24

function remember(path: string, text: string, data: unknown) {
  seen.delete(path)
  seen.set(path, { text, data })
  if (seen.size > keep) seen.delete(seen.keys().next().value as string)
}

/**
 * An answer of the API that a page shows. While a newer one is on its way the old
 * one stays; one that says the same changes nothing, so nothing is drawn again.
 */
export class Resource<T> {
  data = $state.raw<T>()
  problem = $state.raw<Problem>()
  loading = $state(false)
  /** The data is of an earlier question or could not be asked for again. */
  stale = $state(false)

  #path = ''
  #text = ''
  #abort: AbortController | undefined

  /** Asks; undefined forgets. An effect that asks does not depend on the answer. */
  load(path: string | undefined): Promise<void> {
    return untrack(() => this.#load(path))
  }

  async #load(path: string | undefined): Promise<void> {
    this.#abort?.abort()
    if (path === undefined) return this.#forget()
    const other = path !== this.#path
    this.#path = path
    if (other) this.#show(path)
    const abort = (this.#abort = new AbortController())
    this.loading = true
    try {
      const text = await get(path, abort.signal)
      if (text !== this.#text || this.data === undefined) {
        const data = JSON.parse(text) as T
        this.#text = text
        this.data = data
        remember(path, text, data)
      }
      this.problem = undefined
      this.stale = false
      this.loading = false
    } catch (error) {
      if (abort.signal.aborted) return
      if (!isProblem(error)) throw error
      this.problem = error
      this.stale = this.data !== undefined
      this.loading = false
    }
  }

  #show(path: string) {
    const before = seen.get(path)
    if (before) {
      this.data = before.data as T
      this.#text = before.text
    }
    this.stale = this.data !== undefined && !before
  }

  #forget() {
    this.#path = ''
    this.#text = ''
    this.data = undefined
    this.problem = undefined
    this.loading = false
    this.stale = false
  }
}

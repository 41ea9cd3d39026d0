/** The pages, by their names in the address. The first is at ui/ itself. */
export const pages = ['overview', 'explore', 'account', 'intensity', 'services', 'disclosures', 'status', 'gallery'] as const
export type Page = (typeof pages)[number]

type Change = Record<string, string | readonly string[] | undefined>

// One folder holds all pages: relative addresses work under any path of a proxy.
const folder = new URL('.', document.baseURI).pathname

function pageOf(path: string): Page {
  const name = path.slice(folder.length).replace(/\/$/, '')
  return pages.find((p) => p === name) ?? 'overview'
}

/** Where we are. The address holds the whole state of a page. */
class Route {
  page = $state<Page>(pageOf(location.pathname))
  params = $state.raw(new URLSearchParams(location.search))

  get(name: string, otherwise = ''): string {
    return this.params.get(name) ?? otherwise
  }

  /** The address of a page with parameters. */
  href(page: Page, params: URLSearchParams | Change = {}): string {
    const query = params instanceof URLSearchParams ? params : apply(new URLSearchParams(), params)
    const text = query.toString().replaceAll('%3D', '=').replaceAll('%2C', ',').replaceAll('%3A', ':')
    return folder + (page === 'overview' ? '' : page) + (text && '?' + text)
  }

  /** The address of this page with some parameters changed. */
  with(change: Change): string {
    return this.href(this.page, apply(this.params, change))
  }

  /** The parameters that go along from page to page: the period. */
  kept(): Change {
    const out: Change = {}
    for (const name of ['last', 'from', 'to', 'month', 'quarter']) out[name] = this.params.get(name) ?? undefined
    return out
  }

  set(change: Change, replace = false) {
    this.go(this.with(change), replace)
  }

  go(href: string, replace = false) {
    const to = new URL(href, location.href)
    if (to.href !== location.href) history[replace ? 'replaceState' : 'pushState'](null, '', to)
    this.read()
  }

  read() {
    const page = pageOf(location.pathname)
    // As after a document was loaded: at its top, with the keyboard and screen readers there.
    if (page !== this.page) {
      window.scrollTo(0, 0)
      document.getElementById('main')?.focus({ preventScroll: true })
    }
    this.page = page
    if (this.params.toString() !== new URLSearchParams(location.search).toString()) {
      this.params = new URLSearchParams(location.search)
    }
  }
}

function apply(params: URLSearchParams, change: Change): URLSearchParams {
  const out = new URLSearchParams(params)
  for (const [name, value] of Object.entries(change)) {
    out.delete(name)
    if (Array.isArray(value)) for (const one of value) out.append(name, one)
    else if (typeof value === 'string' && value !== '') out.set(name, value)
  }
  return out
}

export const route = new Route()

/** Follows the back button, and links to pages without loading the document again. */
export function navigate() {
  addEventListener('popstate', () => route.read())
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = (event.target as Element).closest('a')
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
    if (!link.pathname.startsWith(folder) || link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    route.go(link.href)
  })
}

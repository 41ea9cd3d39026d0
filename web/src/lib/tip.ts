/**
 * Shows a sentence on hover and on focus, above or below what it explains. It goes
 * with Escape, stays while the pointer is on it, and is read by screen readers.
 */
export function tip(node: HTMLElement, text: string) {
  let now = text
  const focusable = node.matches('a, button, input, select, [tabindex]')
  if (!focusable) {
    node.tabIndex = 0
    node.classList.add('term')
  }
  const show = () => place(node, now)
  const hide = () => take(node)
  const key = (event: KeyboardEvent) => event.key === 'Escape' && hide()
  node.addEventListener('pointerenter', show)
  node.addEventListener('pointerleave', hide)
  node.addEventListener('focus', show)
  node.addEventListener('blur', hide)
  node.addEventListener('keydown', key)
  return {
    update(next: string) {
      now = next
    },
    destroy() {
      hide()
    },
  }
}

let box: HTMLElement | undefined
let owner: HTMLElement | undefined

function place(node: HTMLElement, text: string) {
  box ??= make()
  // A dialog lies above all else.
  ;(node.closest('dialog') ?? document.body).append(box)
  owner = node
  box.textContent = text
  box.hidden = false
  node.setAttribute('aria-describedby', box.id)
  const at = node.getBoundingClientRect()
  const size = box.getBoundingClientRect()
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - size.width - 8))
  const above = at.top - size.height - 6
  box.style.left = `${left}px`
  box.style.top = `${above > 8 ? above : at.bottom + 6}px`
}

function take(node: HTMLElement) {
  // A moment, so that the pointer can go onto it.
  setTimeout(() => {
    if (owner !== node || !box || box.matches(':hover') || node.matches(':hover, :focus-visible')) return
    box.hidden = true
    node.removeAttribute('aria-describedby')
  }, 60)
}

function make(): HTMLElement {
  const out = document.createElement('div')
  out.id = 'tip'
  out.setAttribute('role', 'tooltip')
  out.hidden = true
  out.addEventListener('pointerleave', () => (out.hidden = true))
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') out.hidden = true
  })
  return out
}

const key = 'dendro-theme'

export type Choice = 'auto' | 'light' | 'dark'

const dark = matchMedia('(prefers-color-scheme: dark)')
const paper = matchMedia('print')
const walls = ['(min-width: 2200px)', '(min-width: 3200px)'].map((w) => matchMedia(w))

function scaleNow(): number {
  return [1, 1.35, 1.9][walls.filter((w) => w.matches).length] ?? 1
}

class Theme {
  choice = $state<Choice>((localStorage.getItem(key) as Choice | null) ?? 'auto')
  system = $state(dark.matches)
  /** The page is being printed: light, all of it, as wide as paper. */
  printing = $state(paper.matches)
  /** How much larger everything is on a wall; --scale in the styles. */
  scale = $state(scaleNow())

  get dark(): boolean {
    return this.choice === 'auto' ? this.system : this.choice === 'dark'
  }

  choose(choice: Choice) {
    this.choice = choice
    if (choice === 'auto') localStorage.removeItem(key)
    else localStorage.setItem(key, choice)
    this.apply()
  }

  apply() {
    document.documentElement.dataset['theme'] = this.dark && !this.printing ? 'dark' : 'light'
  }
}

export const theme = new Theme()

dark.addEventListener('change', (event) => {
  theme.system = event.matches
  theme.apply()
})

for (const wall of walls) wall.addEventListener('change', () => (theme.scale = scaleNow()))

// The event comes before the pages are laid out, and the media changes after it.
function print(on: boolean) {
  theme.printing = on
  theme.apply()
}
addEventListener('beforeprint', () => print(true))
addEventListener('afterprint', () => print(false))
paper.addEventListener('change', (event) => print(event.matches))

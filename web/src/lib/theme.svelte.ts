const key = 'dendro-theme'

export type Choice = 'auto' | 'light' | 'dark'

const dark = matchMedia('(prefers-color-scheme: dark)')

class Theme {
  choice = $state<Choice>((localStorage.getItem(key) as Choice | null) ?? 'auto')
  system = $state(dark.matches)

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
    document.documentElement.dataset['theme'] = this.dark ? 'dark' : 'light'
  }
}

export const theme = new Theme()

dark.addEventListener('change', (event) => {
  theme.system = event.matches
  theme.apply()
})

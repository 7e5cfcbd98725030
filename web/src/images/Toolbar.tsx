/** Search, filters and order of the list. What is chosen is in the address, so that Back and reload keep it. */
import { Search, SlidersHorizontal, X } from 'lucide'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Usage } from '../../../contract/personal-schemas.ts'
import { Icon } from '../components/Icon.tsx'
import { formatType } from '../format.ts'
import { navigate, path, replace } from '../router.ts'
import { text } from '../text.ts'
import { isFiltered, orders, plainView, type SizeGroup, type StateGroup, type View, writeView } from './view.ts'

/** After the last letter, in milliseconds. */
const typingPause = 250

const changed = (view: View, change: { readonly [Name in keyof View]?: View[Name] | undefined }): string =>
  `${path.value}${writeView({ ...view, ...change } as View)}`

type ToolbarProps = { readonly view: View; readonly usage: Usage | undefined }

export function Toolbar({ view, usage }: ToolbarProps) {
  const [open, setOpen] = useState(isFiltered(view))
  const panel = useId()
  const chosen = Object.keys(view).filter((name) => name !== 'order' && name !== 'name').length
  return (
    <search class="toolbar">
      <div class="toolbar-first">
        <NameSearch view={view} />
        <button
          type="button"
          class="filter-toggle"
          aria-expanded={open}
          aria-controls={panel}
          onClick={() => setOpen(!open)}
        >
          <Icon node={SlidersHorizontal} />
          {text.filter.filters}
          {chosen > 0 && <span class="filter-count figures">{chosen}</span>}
        </button>
        <Choice
          label={text.filter.order}
          value={view.order}
          options={orders.map((order) => [order, text.filter.orders[order]])}
          onChange={(order) => navigate(changed(view, { order: order as View['order'] }))}
        />
      </div>
      <div id={panel} class="toolbar-filters" hidden={!open}>
        <Filters view={view} usage={usage} />
      </div>
    </search>
  )
}

function NameSearch({ view }: { view: View }) {
  const given = view.name ?? ''
  const [words, setWords] = useState(given)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef(view)
  latest.current = view
  // Back and forward change it from outside.
  useEffect(() => setWords(given), [given])
  useEffect(() => () => clearTimeout(timer.current), [])
  const search = (name: string) => {
    setWords(name)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => replace(changed(latest.current, { name: name.trim() || undefined })), typingPause)
  }
  return (
    <label class="search-box">
      <Icon node={Search} />
      <span class="visually-hidden">{text.filter.search}</span>
      <input
        type="search"
        placeholder={text.filter.search}
        value={words}
        maxLength={200}
        onInput={({ currentTarget }) => search(currentTarget.value)}
      />
    </label>
  )
}

function Filters({ view, usage }: ToolbarProps) {
  const set = (change: Parameters<typeof changed>[1]) => navigate(changed(view, change))
  const { types = [], cameras = [] } = usage ?? {}
  return (
    <>
      <Choice
        label={text.filter.state}
        value={view.state ?? ''}
        options={[['', text.filter.any], ...Object.entries(text.filter.states)]}
        onChange={(state) => set({ state: (state || undefined) as StateGroup | undefined })}
      />
      <Choice
        label={text.filter.type}
        value={view.type ?? ''}
        options={withChosen(
          types.map(({ value, images }) => [value, `${formatType(value)} (${images})`]),
          view.type,
        )}
        onChange={(type) => set({ type: type || undefined })}
      />
      <Choice
        label={text.filter.camera}
        value={view.camera ?? ''}
        options={withChosen(
          cameras.map(({ value, images }) => [value, `${value} (${images})`]),
          view.camera,
        )}
        onChange={(camera) => set({ camera: camera || undefined })}
      />
      <Choice
        label={text.filter.size}
        value={view.size ?? ''}
        options={[['', text.filter.any], ...Object.entries(text.filter.sizes)]}
        onChange={(size) => set({ size: (size || undefined) as SizeGroup | undefined })}
      />
      <Day label={text.filter.from} value={view.from} onChange={(from) => set({ from })} />
      <Day label={text.filter.to} value={view.to} onChange={(to) => set({ to })} />
      {isFiltered(view) && (
        <button
          type="button"
          class="text-button filter-clear"
          onClick={() => navigate(`${path.value}${writeView({ ...plainView, order: view.order })}`)}
        >
          <Icon node={X} />
          {text.filter.clear}
        </button>
      )}
    </>
  )
}

type Option = readonly [value: string, name: string]

/** What is chosen is among the choices, also where there is none of it any more. */
function withChosen(options: readonly (readonly [string, string])[], chosen: string | undefined): Option[] {
  const missing = chosen && !options.some(([value]) => value === chosen)
  return [['', text.filter.any], ...options, ...(missing ? [[chosen, chosen] as const] : [])]
}

type ChoiceProps = {
  readonly label: string
  readonly value: string
  readonly options: readonly Option[]
  readonly onChange: (value: string) => void
}

const Choice = ({ label, value, options, onChange }: ChoiceProps) => (
  <label class="choice">
    <span class="choice-label">{label}</span>
    <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
      {options.map(([option, name]) => (
        <option key={option} value={option}>
          {name}
        </option>
      ))}
    </select>
  </label>
)

type DayProps = {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (day: string | undefined) => void
}

const Day = ({ label, value = '', onChange }: DayProps) => (
  <label class="choice">
    <span class="choice-label">{label}</span>
    <input type="date" value={value} onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)} />
  </label>
)

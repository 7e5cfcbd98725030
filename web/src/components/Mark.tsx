export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect x="2" y="2" width="28" height="28" rx="8" class="mark-ground" />
    <circle cx="16" cy="16" r="7.5" class="mark-light" />
    <path d="M16 8.5a7.5 7.5 0 0 1 0 15z" class="mark-shade" />
  </svg>
)

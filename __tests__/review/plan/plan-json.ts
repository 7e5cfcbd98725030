/** Plans as Terraform's "JSON output format" documents them (format_version 1.2), with what these tests are about. */
import type { PlanJson, ResourceChange } from '../../../review/plan/plan.ts'

export const planJson = (...resource_changes: readonly ResourceChange[]): PlanJson & Record<string, unknown> => ({
  format_version: '1.2',
  terraform_version: '1.11.4',
  planned_values: { root_module: { resources: [] } },
  resource_changes,
  configuration: {},
  timestamp: '2026-11-23T12:00:00Z',
  applyable: true,
  complete: true,
  errored: false,
})

type Change = Partial<ResourceChange['change']>
export const resource = (
  address: string,
  actions: readonly string[],
  change: Change = {},
  more: Partial<ResourceChange> = {},
): ResourceChange => ({
  address,
  mode: 'managed',
  type: address.split('.')[0] as string,
  ...more,
  change: {
    actions,
    before: actions.includes('create') && !actions.includes('delete') ? null : {},
    after: actions.includes('delete') && !actions.includes('create') ? null : {},
    after_unknown: {},
    ...change,
  },
})

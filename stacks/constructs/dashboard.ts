/** One page that tells how the platform is. */
import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js'
import { Construct } from 'constructs'
import type { Metric } from './metric.ts'
import type { PlatformStack } from './platform-stack.ts'

/** A chart: its title, and its lines by their labels. */
export type Chart = { readonly title: string; readonly lines: Readonly<Record<string, Metric>> }

/** CloudWatch's grid is 24 wide: three charts a row. */
const width = 8
const height = 6

export class Dashboard extends Construct {
  constructor(stack: PlatformStack, id: string, { charts }: { readonly charts: readonly Chart[] }) {
    super(stack, id)
    new CloudwatchDashboard(this, 'dashboard', {
      dashboardName: stack.named('platform'),
      dashboardBody: JSON.stringify({
        widgets: charts.map(({ title, lines }, n) => ({
          type: 'metric',
          x: (n % 3) * width,
          y: Math.floor(n / 3) * height,
          width,
          height,
          properties: {
            title,
            region: stack.config.region,
            view: 'timeSeries',
            period: 300,
            metrics: Object.entries(lines).map(([label, { namespace, name, dimensions, statistic }]) => [
              namespace,
              name,
              ...Object.entries(dimensions).flat(),
              { label, stat: statistic },
            ]),
          },
        })),
      }),
    })
  }
}

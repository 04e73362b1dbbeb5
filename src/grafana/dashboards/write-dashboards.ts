import { writeFileSync } from 'node:fs';
import { buildDashboards } from './build-dashboards.ts';

// Writes the dashboards that Grafana provisions.
for (const { name, json } of buildDashboards('provisioned')) {
  const file = new URL(`../../../provisioning/dashboards/${name}`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
}

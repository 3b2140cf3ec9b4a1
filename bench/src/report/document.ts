import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format as layOut, resolveConfig } from 'prettier';
import type { Results, Row } from '../harness/results.js';
import { machineList, resultTable, targetTable } from './markdown.js';
import { renderPlot } from './plot.js';

/** What is written by hand, with comments where results go. */
const TEMPLATE = fileURLToPath(new URL('../../../performance.template.md', import.meta.url));
/** The documents of the repository. */
export const DOCUMENTS: string = fileURLToPath(new URL('../../../../docs', import.meta.url));

/** The document's name, and that of the folder of its plots. */
const NAME = 'performance';
/** What a plot shows, for who does not see it. */
const ALTERNATIVE = 'How many times as fast as each peer heddle is: the ratios of the table below';

/**
 * Writes performance.md and its plots into a folder. In the template `<!-- machine -->` stands for the machine,
 * `<!-- targets -->` for the table of targets, and `<!-- results NAME … -->` for the plot and the table of groups
 * (`queue`) or single benchmarks (`queue/bounded`).
 *
 * @throws Error if the template has no place for a benchmark that was measured
 */
export async function writeDocument(results: Results, folder: string): Promise<void> {
  rmSync(join(folder, NAME), { recursive: true, force: true });
  mkdirSync(join(folder, NAME), { recursive: true });
  const placed = new Set<string>();
  const text = readFileSync(TEMPLATE, 'utf8')
    .replace('<!-- machine -->', machineList(results))
    .replace('<!-- targets -->', targetTable(results.rows))
    .replace(/<!-- results (.+) -->/g, (_, list: string) => {
      const names = list.split(' ');
      const rows = results.rows.filter(
        (row) => names.includes(row.benchmark) || names.includes(groupOf(row)),
      );
      if (rows.length === 0) return '_Not measured in this run._';
      for (const { benchmark } of rows) placed.add(benchmark);
      const image = `${NAME}/${(names[0] ?? '').replace('/', '-')}.svg`;
      writeFileSync(join(folder, image), renderPlot(rows));
      return `![${ALTERNATIVE}](${image})\n\n${resultTable(rows)}`;
    });
  const lost = results.rows.filter(({ benchmark }) => !placed.has(benchmark));
  if (lost.length > 0)
    throw new Error(
      `performance.template.md has no place for ${lost.map(({ benchmark }) => benchmark).join(', ')}: ` +
        'add the group to one of its "<!-- results … -->" comments',
    );
  const file = join(folder, `${NAME}.md`);
  const style = await resolveConfig(TEMPLATE);
  writeFileSync(file, await layOut(text, { ...style, parser: 'markdown' }));
}

/** `queue` for `queue/bounded`. */
function groupOf({ benchmark }: Row): string {
  return benchmark.split('/')[0] ?? benchmark;
}
